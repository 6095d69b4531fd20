/** The palette, the shortcuts, and toasts: what every page has in common. */
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures';
import { addInstallation, asDatabaseOwner, unusedId, workspaceId } from './installations';
import { newApiKey, newMember, newOwner, signInAs } from './people';

const palette = (page: Page) => page.getByRole('dialog', { name: 'Go to' });
const field = (page: Page) => page.getByRole('combobox', { name: /^Page, action/ });

/** Presses a shortcut until the page's script has loaded and answers it. */
async function openBy(page: Page, key: string, name: string): Promise<void> {
  const dialog = page.getByRole('dialog', { name });
  await expect(async () => {
    await page.keyboard.press(key);
    await expect(dialog).toBeVisible({ timeout: 1_000 });
  }).toPass();
}

test('the palette leads to pages, actions and repositories by the keyboard alone', async ({
  page,
  context,
}) => {
  const owner = await newOwner('Acme');
  await asDatabaseOwner(async (db) => {
    const installation = unusedId();
    await addInstallation(db, await workspaceId(db, owner.slug), { id: installation, login: 'acme' });
    await db.query(
      `INSERT INTO repositories (id, installation_id, owner, name, clone_url, default_branch, private)
        SELECT $1 + n, $1, 'acme', name, 'https://github.test/acme/' || name || '.git', 'main', true
        FROM unnest(ARRAY['api', 'web']) WITH ORDINALITY AS named(name, n)`,
      [installation],
    );
  });
  await signInAs(context, owner);
  await page.goto(`/w/${owner.slug}/settings/members`);

  await openBy(page, 'ControlOrMeta+k', 'Go to');
  await expect(field(page)).toBeFocused();
  await page.keyboard.type('trust rule');
  const options = palette(page).getByRole('option');
  await expect(options).toHaveText(['Trust rules', 'Create trust rule']);
  await expect(options.first()).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('ArrowUp');
  await expect(options.last()).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(`/w/${owner.slug}/settings/trust-rules/new`);
  await expect(palette(page)).toBeHidden();

  await openBy(page, 'ControlOrMeta+k', 'Go to');
  await page.keyboard.type('acme/w');
  await expect(palette(page).getByRole('option', { name: 'acme/web' })).toBeVisible();
  await expect(palette(page).getByRole('option', { name: 'acme/api' })).toHaveCount(0);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toContainText('acme/web');

  await openBy(page, 'ControlOrMeta+k', 'Go to');
  await page.keyboard.type('no such thing');
  await expect(page.getByRole('status').filter({ hasText: 'Nothing found' })).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(palette(page)).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(palette(page)).toBeHidden();
});

test('the palette finds keys, members and pages by what can be done with them', async ({ page, context }) => {
  const owner = await newOwner('Acme');
  const member = await newMember(owner.slug, 'member');
  await newApiKey(owner.slug, 'engine');
  await asDatabaseOwner(async (db) =>
    db.query(
      `INSERT INTO api_keys (workspace_id, hash, display_prefix, name, created_at, revoked_at)
        SELECT $1, sha256(n::text::bytea), 'psk_', 'old engine ' || n, now() + interval '1 second', now()
        FROM generate_series(1, 120) AS n`,
      [await workspaceId(db, owner.slug)],
    ),
  );
  await signInAs(context, owner);
  await page.goto(`/w/${owner.slug}/settings/github`);
  const options = palette(page).getByRole('option');
  for (const [text, found] of [
    ['engine', 'engine'],
    [member.email, member.email],
    ['revoke', 'API keys'],
    ['export', 'Audit log'],
    ['dark', 'Change the theme'],
    ['log out', 'Sign out'],
  ] as const) {
    await openBy(page, 'ControlOrMeta+k', 'Go to');
    await field(page).fill(text);
    await expect(options.filter({ hasText: found })).toHaveCount(1);
    await page.keyboard.press('Escape');
  }
  await openBy(page, 'ControlOrMeta+k', 'Go to');
  await field(page).fill('engine');
  await expect(options).toHaveText(['engine']);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('engine');
});

test('the palette says so when not everything can be searched', async ({ page, context, complaints }) => {
  const owner = await newOwner('Acme');
  await signInAs(context, owner);
  await page.goto(`/w/${owner.slug}/settings/members`);
  await page.route('**/github/repositories?*', (route) => route.fulfill({ status: 503, body: '{}' }));
  await openBy(page, 'ControlOrMeta+k', 'Go to');
  await page.keyboard.type('members');
  await expect(
    page.getByRole('status').filter({ hasText: 'Not everything could be searched' }),
  ).toBeVisible();
  await expect(palette(page).getByRole('option', { name: 'Members' })).toBeVisible();
  complaints.length = 0;
});

test('a palette whose script cannot be loaded leaves the page as it is, and the next time opens', async ({
  page,
  context,
  complaints,
}) => {
  const owner = await newOwner('Acme');
  await signInAs(context, owner);
  await page.goto(`/w/${owner.slug}/settings/members`, { waitUntil: 'networkidle' });
  let refused = 0;
  await page.route('**/_next/static/**', (route) => {
    refused++;
    return route.abort();
  });
  await expect(async () => {
    await page.keyboard.press('ControlOrMeta+k');
    expect(refused).toBeGreaterThan(0);
  }).toPass();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Members');
  await expect(palette(page)).toHaveCount(0);
  await page.unroute('**/_next/static/**');
  await openBy(page, 'ControlOrMeta+k', 'Go to');
  complaints.length = 0;
});

test('a member finds no page that only admins may open', async ({ page, context }) => {
  const owner = await newOwner('Acme');
  const member = await newMember(owner.slug, 'member');
  await signInAs(context, member);
  await page.goto(`/w/${owner.slug}/settings/members`);
  await openBy(page, 'ControlOrMeta+k', 'Go to');
  await expect(palette(page).getByRole('option', { name: 'Members' })).toBeVisible();
  for (const name of ['API keys', 'Create API key', 'Audit log', 'Create trust rule', 'Invite a member'])
    await expect(palette(page).getByRole('option', { name, exact: true })).toHaveCount(0);
});

test('single keys search the page and list the shortcuts, unless they are turned off', async ({
  page,
  context,
}) => {
  const owner = await newOwner('Acme');
  await asDatabaseOwner(async (db) =>
    addInstallation(db, await workspaceId(db, owner.slug), { id: unusedId(), login: 'acme' }),
  );
  await signInAs(context, owner);
  await page.goto(`/w/${owner.slug}/settings/github`);
  const search = page.getByLabel('Search repositories');
  await expect(async () => {
    await page.keyboard.press('/');
    await expect(search).toBeFocused({ timeout: 1_000 });
  }).toPass();
  await page.keyboard.type('?/');
  await expect(search).toHaveValue('?/');
  await search.blur();

  await openBy(page, '?', 'Keyboard shortcuts');
  await page.getByLabel('Shortcuts of a single key').uncheck();
  await page.keyboard.press('Escape');
  await page.keyboard.press('/');
  await page.keyboard.press('?');
  await expect(search).not.toBeFocused();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await openBy(page, 'ControlOrMeta+k', 'Go to');
});

test('a success is a toast that moves nothing, and a reload after it is gone shows none', async ({
  page,
  context,
}) => {
  const owner = await newOwner('Acme');
  await signInAs(context, owner);
  const members = `/w/${owner.slug}/settings/members`;
  await page.goto(members);
  const heading = page.getByRole('heading', { level: 1 });
  const before = await heading.boundingBox();
  await page.goto(`${members}?notice=invited`);
  const toast = page.getByRole('status').filter({ hasText: 'Invitation created' });
  await expect(toast).toBeVisible();
  expect(await heading.boundingBox()).toEqual(before);

  // It has the focus, so that it is announced. That alone does not keep it.
  await expect(page.locator(':focus')).toContainText('Invitation created');
  await expect(toast).toBeHidden();
  await expect(page).toHaveURL(members);
  await page.reload();
  await expect(heading).toBeVisible();
  await expect(toast).toHaveCount(0);
});

test('a menu closes when the focus leaves it', async ({ page, context }) => {
  const owner = await newOwner('Acme');
  await signInAs(context, owner);
  await page.goto(`/w/${owner.slug}/settings/members`);
  const item = page.getByRole('link', { name: 'Create or join a workspace' });
  const summary = page.locator('summary', { hasText: 'Acme' }).first();
  // Retry, because the menu opens before hydration, but leaving it closes it only afterwards.
  await expect(async () => {
    await summary.focus();
    if (!(await item.isVisible())) await page.keyboard.press('Enter');
    await expect(item).toBeVisible({ timeout: 1_000 });
    await page.getByRole('link', { name: 'Members' }).first().focus();
    await expect(item).toBeHidden({ timeout: 1_000 });
  }).toPass();
});
