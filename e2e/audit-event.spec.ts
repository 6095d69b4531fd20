/** Covers the drawer that shows one event beside the log. An open drawer has its own URL. */
import type { Page, Request } from '@playwright/test';
import { expect, githubUrl, test, unique } from './fixtures';
import { addApiKey, addInstallation, asDatabaseOwner, unusedId, workspaceId } from './installations';
import { newApiKey, newOwner, type Person, signInAs } from './people';
import { tamperWith } from './tampering';

let owner: Person;
let other: Person;
test.beforeAll(async () => {
  owner = await newOwner('Acme');
  other = await newOwner('Globex');
  for (const name of ['first', 'second', 'third']) await newApiKey(owner.slug, name);
});
test.beforeEach(({ context }) => signInAs(context, owner));

const log = () => `/w/${owner.slug}/audit-log`;
const row = (page: Page, seq: number) => page.locator(`#event-${seq}`);

test('a mouse opens an event beside the list, reaches its neighbours and closes it, and Back and Forward follow', {
  tag: '@narrow',
}, async ({ page }) => {
  await page.goto(`${log()}?type=api_key.created`);
  await expect(row(page, 4)).toBeVisible();
  await page.evaluate(() => {
    // The page must stay visible while an event opens, so note in the title if a skeleton ever replaces it.
    new MutationObserver(() => {
      if (document.querySelector('[data-skeleton]')) document.title = 'a skeleton was shown';
    }).observe(document.body, { childList: true, subtree: true });
  });
  // A click anywhere in the row opens the event.
  await page
    .getByRole('row')
    .filter({ hasText: 'third' })
    .click({ position: { x: 5, y: 5 } });
  const drawer = page.getByRole('dialog', { name: 'API key created' });
  await expect(drawer.getByText('third', { exact: true })).toBeVisible();
  await expect(page).toHaveURL(/\?type=api_key\.created&event=4$/);
  await expect(drawer.getByRole('link', { name: 'Newer' })).toHaveCount(0);
  await drawer.getByRole('link', { name: 'Older' }).click();
  await expect(drawer.getByText('second', { exact: true })).toBeVisible();
  await expect(page).toHaveURL(/event=3$/);

  // Wait for hydration. Until then, Close is an ordinary link that loads another page.
  await expect(page.locator('dialog:modal')).toBeVisible();
  await drawer.getByRole('link', { name: 'Close' }).click();
  await expect(drawer).toHaveCount(0);
  await expect(page).toHaveURL(/\?type=api_key\.created$/);
  await expect(row(page, 3)).toBeFocused();

  await row(page, 2).click();
  await expect(drawer.getByText('first', { exact: true })).toBeVisible();
  await page.goBack();
  await expect(drawer).toHaveCount(0);
  await expect(row(page, 2)).toBeFocused();
  await page.goForward();
  await expect(drawer.getByText('first', { exact: true })).toBeVisible();
  expect(await page.title()).not.toContain('skeleton');
});

test('with the keyboard, the focus enters the drawer, stays inside and returns to the row', async ({
  page,
}) => {
  await page.goto(log());
  await expect(row(page, 2)).toBeVisible();
  await row(page, 2).focus();
  await page.keyboard.press('Enter');
  const drawer = page.getByRole('dialog', { name: 'API key created' });
  await expect(drawer.getByRole('link', { name: 'Close' })).toBeFocused();
  for (let presses = 0; presses < 8; presses++) {
    await page.keyboard.press('Tab');
    // The focus is either in the drawer or in the browser's own toolbars, which the page sees as focus on `body`.
    const where = await page.evaluate(() => {
      const { activeElement, body } = document;
      return activeElement === body || activeElement?.closest('dialog') ? 'in it' : activeElement?.outerHTML;
    });
    expect(where).toBe('in it');
  }
  await page.keyboard.press('Escape');
  await expect(drawer).toHaveCount(0);
  await expect(page).toHaveURL(/audit-log$/);
  await expect(row(page, 2)).toBeFocused();
});

test('an event’s address opens the page with the drawer, and a click beside the drawer closes it', {
  tag: '@narrow',
}, async ({ page }) => {
  await page.goto(`${log()}?event=1`);
  const drawer = page.getByRole('dialog', { name: 'Workspace created' });
  await expect(drawer.getByRole('link', { name: 'Close' })).toBeFocused();
  await expect(drawer.getByText(/^[0-9a-f]{64}$/)).toHaveCount(2);
  const width = page.viewportSize()?.width ?? 0;
  if (width >= 640) await page.mouse.click(20, 300);
  else {
    // On a narrow screen the drawer covers the whole width.
    const box = await drawer.locator('> div').boundingBox();
    expect(box?.width).toBe(width);
    await drawer.getByRole('link', { name: 'Close' }).click();
  }
  await expect(drawer).toHaveCount(0);
  await expect(page).toHaveURL(/audit-log$/);
  await expect(row(page, 1)).toBeFocused();
});

test('an event links to everything that its actor did, filtered by the label in the column', async ({
  page,
}) => {
  await page.goto(`${log()}?event=2`);
  const drawer = page.getByRole('dialog', { name: 'API key created' });
  await drawer.getByRole('link', { name: 'PulseStream (cli)' }).click();
  await expect(drawer).toHaveCount(0);
  await expect(page.getByLabel('Search the audit log')).toHaveValue('actor:"PulseStream (cli)"');
  await expect(page.getByRole('row').filter({ hasText: 'API key created' })).toHaveCount(3);
});

test('a mint links to its organization’s audit log on GitHub, to search for the token’s hash', async ({
  page,
  context,
}) => {
  const minter = await newOwner('Acme');
  const [id, login, hash] = [unusedId(), unique('octo'), 'aGFzaCBvZiBhIHRva2Vu+/8='];
  await asDatabaseOwner(async (db) => {
    const workspace = await workspaceId(db, minter.slug);
    await addInstallation(db, workspace, { id, login });
    await db.query(
      `INSERT INTO audit_events (workspace_id, type, actor_type, actor_id, actor_label, installation_id, request_id, details)
        VALUES ($1, 'github.token_minted', 'api_key', $4, 'engine', $2, 'r', $3)`,
      [workspace, id, { hashed_token: hash }, await addApiKey(db, workspace, 'engine')],
    );
  });
  await signInAs(context, minter);
  await page.goto(`/w/${minter.slug}/audit-log?event=2`);
  const link = page.getByRole('dialog').getByRole('link', { name: `search the audit log of ${login}` });
  const href = new URL((await link.getAttribute('href')) ?? '');
  expect(href.origin + href.pathname).toBe(`${githubUrl()}/organizations/${login}/settings/audit-log`);
  expect(href.searchParams.get('q')).toBe(`hashed_token:"${hash}"`);
});

test('the number of a missing event, of another workspace’s event or nonsense shows that there is no such event', async ({
  page,
  context,
}) => {
  for (const seq of ['5', '999999999999999', '9'.repeat(400), '0', '-1', '1e0', "1'--", '<b>1</b>', '１']) {
    const response = await page.goto(`${log()}?event=${encodeURIComponent(seq)}`);
    expect(response?.status()).toBe(200);
    await expect(page.getByRole('dialog', { name: 'No such event' })).toBeVisible();
    // Behind the drawer, the page still shows this workspace's log.
    await expect(row(page, 4)).toHaveCount(1);
  }
  // The other workspace has only one event, so event 2 must not be found there.
  await signInAs(context, other);
  await page.goto(`/w/${other.slug}/audit-log?event=2`);
  await expect(page.getByRole('dialog', { name: 'No such event' })).toBeVisible();
  // Wait for hydration, which makes the drawer modal, because Escape closes only modal dialogs.
  await expect(page.locator('dialog:modal')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page).toHaveURL(/audit-log$/);
});

for (const how of ['change its details', 'remove it'] as const)
  test(`a broken chain links to its first bad event after somebody could ${how}`, async ({
    page,
    context,
  }) => {
    const victim = await newOwner('Acme');
    await newApiKey(victim.slug, 'engine');
    await newApiKey(victim.slug, 'scanner');
    await tamperWith(victim.slug, 2, how);
    await signInAs(context, victim);
    await page.goto(`/w/${victim.slug}/audit-log?verify=1`);
    await expect(page.getByText('The chain is broken at event 2')).toBeVisible();
    await page.getByRole('link', { name: 'Show event 2' }).click();
    const drawer = page.getByRole('dialog');
    if (how === 'remove it') await expect(drawer.getByText('This event is gone from the log')).toBeVisible();
    else await expect(drawer.getByText('forged', { exact: true })).toBeVisible();
  });

test('a drawer whose script cannot be loaded stays usable as the server rendered it', async ({
  page,
  complaints,
}) => {
  const scripts = async (path: string) => {
    const requested = new Set<string>();
    const listen = (request: Request) => {
      if (request.resourceType() === 'script') requested.add(request.url());
    };
    page.on('request', listen);
    await page.goto(path, { waitUntil: 'networkidle' });
    page.off('request', listen);
    return requested;
  };
  const list = await scripts(log());
  const ofDrawer = [...(await scripts(`${log()}?event=4`))].filter((url) => !list.has(url));
  expect(ofDrawer).not.toEqual([]);
  let refused = 0;
  await page.route(
    (url) => ofDrawer.includes(url.href),
    (route) => {
      refused++;
      return route.abort();
    },
  );
  const drawer = page.getByRole('dialog', { name: 'API key created' });
  const staysUsable = async () => {
    await expect(drawer.getByText('third', { exact: true })).toBeVisible();
    await expect.poll(() => refused).toBeGreaterThan(0);
    await page.waitForLoadState('networkidle');
    await expect(drawer.getByText('third', { exact: true })).toBeVisible();
    await drawer.getByRole('link', { name: 'Older' }).click();
    await expect(drawer.getByText('second', { exact: true })).toBeVisible();
    await drawer.getByRole('link', { name: 'Close' }).click();
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await expect(row(page, 4)).toBeVisible();
  };
  // Opened by its address.
  await page.goto(`${log()}?event=4`);
  await staysUsable();
  // Opened by a click on its row.
  refused = 0;
  await page.goto(log(), { waitUntil: 'networkidle' });
  await page
    .getByRole('row')
    .filter({ hasText: 'third' })
    .click({ position: { x: 5, y: 5 } });
  await staysUsable();
  complaints.length = 0;
});
