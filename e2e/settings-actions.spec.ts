/** Covers unusual cases on the settings pages, such as forms submitted twice, a lost network and forged URLs. */
import { expect, refreshSoon, signIn, test, unique } from './fixtures';
import { addInstallation, asDatabaseOwner, unusedId, workspaceId } from './installations';
import { newMember, newOwner, type Person, signInAs } from './people';

let owner: Person;
test.beforeEach(async ({ context }) => {
  owner = await newOwner('Acme');
  await signInAs(context, owner);
});

test('two concurrent submits create or rotate a key only once and still show its secret', async ({
  page,
}) => {
  const list = `/w/${owner.slug}/settings/api-keys`;
  const key = page.getByRole('region', { name: 'API key' }).getByRole('code');
  const links = page.getByRole('link', { name: /^(Manage|View) engine$/ });
  await page.goto(`${list}/new`);
  await page.getByLabel('Name').fill('engine');
  await page.getByText('All repositories, including future ones').click();
  await page.getByRole('button', { name: 'Create API key' }).dblclick();
  await expect(key).toHaveText(/^psk_demo_/);
  await page.goto(list);
  await expect(links).toHaveCount(1);

  await links.click();
  await page.getByLabel('No time: end it now').check();
  await page.getByRole('button', { name: 'Rotate key' }).click();
  const dialog = page.getByRole('dialog', { name: 'Rotate, and end the old key now?' });
  await dialog.getByRole('button', { name: 'Rotate key' }).dblclick();
  await expect(key).toHaveText(/^psk_demo_/);
  // The old key must not be shown next to the new one, or someone might revoke the wrong key.
  await expect(page.getByRole('button', { name: 'Revoke key' })).toHaveCount(0);
  await page.goto(list);
  await expect(links).toHaveCount(2);
});

test('a key can be copied with and without the clipboard API', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  for (const hasClipboard of [true, false]) {
    // Simulate a page without TLS, where browsers offer no clipboard API.
    if (!hasClipboard)
      await page.addInitScript(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
    await page.goto(`/w/${owner.slug}/settings/api-keys/new`);
    await page.getByLabel('Name').fill('engine');
    await page.getByText('All repositories, including future ones').click();
    await page.getByRole('button', { name: 'Create API key' }).click();
    const secret = await page.getByRole('region', { name: 'API key' }).getByRole('code').textContent();
    await expect(async () => {
      await page.getByRole('button', { name: 'Copy the API key' }).click();
      await expect(page.getByText('Copied', { exact: true })).toBeVisible({ timeout: 1_000 });
    }).toPass();
    await page.goto(`/w/${owner.slug}/settings/api-keys/new`);
    await page.getByLabel('Name').focus();
    await page.keyboard.press('ControlOrMeta+V');
    await expect(page.getByLabel('Name')).toHaveValue(secret ?? 'none');
  }
});

test('a page that refreshes itself stays visible while the network is gone', async ({
  page,
  context,
  complaints,
}) => {
  await page.clock.install();
  await page.goto(`/w/${owner.slug}/settings/github`);
  await context.setOffline(true);
  const notice = page.getByText('You’re offline');
  await expect(notice).toBeVisible();
  await page.clock.runFor(60_000);
  await expect(notice).toBeVisible();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('GitHub');
  await context.setOffline(false);
  await expect(notice).toHaveCount(0);
  // The browser has logged the requests that failed while offline. Discard these expected complaints.
  await page.goto('about:blank');
  const others = complaints.filter((text) => !text.includes('ERR_INTERNET_DISCONNECTED'));
  complaints.splice(0, complaints.length, ...others);
});

test('an invited user joins with one click', async ({ page, context }) => {
  const email = `${unique('mia')}@acme.test`;
  await page.goto(`/w/${owner.slug}/settings/members`);
  await page.getByLabel('Email').fill(email);
  await page.getByRole('button', { name: 'Invite' }).click();
  await expect(page.getByText('Invitation created', { exact: true })).toBeVisible();
  await context.clearCookies();
  await signIn(page, email);
  await expect(page).toHaveURL('/new');
  await page.getByRole('button', { name: /^Join/ }).click();
  await expect(page).toHaveURL(`/w/${owner.slug}/settings/github`);
  await expect(page.getByText('An admin of this workspace can connect it')).toBeVisible();
});

test('an invitation’s link opens for its address only, and ends when a new one is made', {
  tag: '@narrow',
}, async ({ page, context }) => {
  const email = `${unique('lea')}@acme.test`;
  await page.goto(`/w/${owner.slug}/settings/members`);
  await page.getByLabel('Email').fill(email);
  await page.getByRole('button', { name: 'Invite' }).click();
  const row = page.getByRole('rowgroup').filter({ hasText: email });
  const link = row.getByText('/invitation?token=');
  await expect(link).toBeVisible();
  const first = (await link.textContent()) ?? '';
  await expect(row.getByRole('link', { name: `Write an email to ${email}` })).toHaveAttribute(
    'href',
    new RegExp(`^mailto:${email}\\?.*${encodeURIComponent(first).replaceAll('.', '\\.')}`),
  );
  await row.getByRole('button', { name: `New link for ${email}` }).click();
  await expect(page.getByText('New link created', { exact: true })).toBeVisible();
  await expect(link).not.toHaveText(first);
  const second = (await link.textContent()) ?? '';

  await context.clearCookies();
  await page.goto(second);
  await expect(page.getByText('You’re invited to a workspace')).toBeVisible();
  await expect(page.getByText(owner.slug)).toHaveCount(0);
  await page.getByRole('link', { name: 'Sign in' }).click();
  await page.getByLabel('Email').fill(`${unique('thief')}@acme.test`);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByText('This invitation is for another address')).toBeVisible();
  await expect(page.getByText(email)).toHaveCount(0);

  await context.clearCookies();
  await signIn(page, email);
  await page.goto(first);
  await expect(page.getByText('This link has ended')).toBeVisible();
  await page.goto(second);
  await page.getByRole('button', { name: 'Join workspace' }).click();
  await expect(page).toHaveURL(`/w/${owner.slug}/settings/github`);
  // The same link leads a member to the workspace.
  await page.goto(second);
  await expect(page).toHaveURL(`/w/${owner.slug}/settings/github`);
});

test('clearing a search empties the field and keeps the chosen account', async ({ page }) => {
  const base = unusedId();
  await asDatabaseOwner(async (db) => {
    const workspace = await workspaceId(db, owner.slug);
    await addInstallation(db, workspace, { id: base, login: 'acme' });
    await addInstallation(db, workspace, { id: base + 1, login: 'acme-labs' });
  });
  await page.goto(`/w/${owner.slug}/settings/github?installation_id=${base}`);
  const search = page.getByLabel('Search repositories');
  // Retry, because typing before hydration doesn't start a search.
  await expect(async () => {
    await search.fill('');
    await search.fill('nothing');
    await expect(page).toHaveURL(/q=nothing/, { timeout: 5_000 });
  }).toPass();
  await page.getByRole('link', { name: 'Clear the search' }).click();
  await expect(page).toHaveURL(new RegExp(`\\?installation_id=${base}$`));
  await expect(search).toHaveValue('');
});

test('a banner shows only an outcome that still holds, whatever the address says', async ({ page }) => {
  await page.clock.install();
  const settings = `/w/${owner.slug}/settings/github`;
  for (const outcome of ['connected', 'updated', 'suspended', 'awaiting_approval', 'choose_installation']) {
    await page.goto(`${settings}?notice=${outcome}`);
    await expect(page.getByRole('button', { name: 'Connect GitHub' })).toBeVisible();
    await expect(
      page.getByText(
        /GitHub is connected|selection updated|is suspended|Waiting for approval|Select the one/,
      ),
    ).toHaveCount(0);
  }
  await expect(page.getByText('This attempt has expired')).toBeVisible();

  const id = unusedId();
  await asDatabaseOwner(async (db) =>
    addInstallation(db, await workspaceId(db, owner.slug), { id, login: 'acme' }),
  );
  const setError = (error: string | null) =>
    asDatabaseOwner((db) => db.query('UPDATE installations SET sync_error = $1 WHERE id = $2', [error, id]));
  const inStep = page.getByText('Synced with GitHub');
  const failed = page.getByText('Sync failed');
  await page.goto(`${settings}?notice=synced&of=${id}`);
  await expect(inStep).toBeVisible();
  // The page refreshes itself, which must remove the outdated banner.
  await setError('github_unavailable');
  await refreshSoon(page);
  await expect(inStep).toHaveCount(0);
  await expect(page.getByText('GitHub could not be reached.')).toBeVisible();
  await page.goto(`${settings}?notice=sync_failed&of=${id}`);
  await expect(failed).toBeVisible();
  await setError(null);
  await refreshSoon(page);
  await expect(failed).toHaveCount(0);
  await expect(page.getByRole('heading', { level: 3, name: 'acme' })).toBeVisible();
});

test('a former admin’s action leads back to the page, which no longer offers actions', async ({
  page,
  context,
}) => {
  const admin = await newMember(owner.slug, 'admin');
  await asDatabaseOwner(async (db) =>
    addInstallation(db, await workspaceId(db, owner.slug), { id: unusedId(), login: 'acme' }),
  );
  await signInAs(context, admin);
  // Never answer this health check. Otherwise, the page would refresh itself before the click.
  await page.route('**/api/health/live', () => {});
  await page.goto(`/w/${owner.slug}/settings/github`);
  const sync = page.getByRole('button', { name: 'Sync now' });
  await expect(sync).toBeVisible();
  await asDatabaseOwner((db) =>
    db.query("UPDATE memberships SET role = 'member' WHERE user_id = $1", [admin.id]),
  );
  await sync.click();
  await expect(sync).toHaveCount(0);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('GitHub');
});

test('a visitor who is not signed in can choose a theme, and it is kept', async ({ page, context }) => {
  await context.clearCookies();
  await page.goto('/trust');
  await page.getByRole('button', { name: 'Dark theme' }).click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await page.goto('/sign-in');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await page.getByRole('button', { name: 'System theme' }).click();
  await expect(page.locator('html')).not.toHaveAttribute('data-theme');
});

test('a form from an admin who was demoted in another window is refused and changes nothing', async ({
  page,
  context,
  browser,
}) => {
  const admin = await newMember(owner.slug, 'admin');
  const people = `/w/${owner.slug}/settings/members`;
  await context.clearCookies();
  await signInAs(context, admin);
  await page.goto(people);
  await page.getByLabel('Email').fill('mia@acme.test');

  const other = await browser.newContext();
  await signInAs(other, owner);
  const window = await other.newPage();
  await window.goto(people);
  await window.locator('summary', { hasText: admin.email }).click();
  await window.getByLabel(`Role of ${admin.email}`).selectOption('member');
  await window.getByRole('button', { name: 'Change role' }).filter({ visible: true }).click();
  await expect(window.getByText('Role changed', { exact: true })).toBeVisible();

  await page.getByRole('button', { name: 'Invite' }).click();
  await expect(page.getByText('Your role no longer allows this')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Invite' })).toHaveCount(0);
  await window.reload();
  await expect(window.getByText(admin.email).first()).toBeVisible();
  await expect(window.getByText('mia@acme.test')).toHaveCount(0);
  await other.close();
});
