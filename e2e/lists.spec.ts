/** The lists of settings: their order, search and selection. */
import { randomUUID } from 'node:crypto';
import type { Locator, Page } from '@playwright/test';
import { MAX_SELECTED } from '../lib/contract/selection';
import { expect, test, unique } from './fixtures';
import { assertAccessible } from './inspection';
import {
  addApiKey,
  addInstallation,
  addTrustRule,
  asDatabaseOwner,
  unusedId,
  workspaceId,
} from './installations';
import { newMember, newOwner, type Person, signInAs } from './people';

let owner: Person;
test.beforeEach(async ({ context }) => {
  owner = await newOwner('Acme');
  await signInAs(context, owner);
});

const settings = (page: string) => `/w/${owner.slug}/settings/${page}`;

type NewKey = { name: string; created: string; lastUsed?: string; expires?: string };

/** Stores API keys. Times are intervals from now, such as `-2 days`. */
async function addKeys(...keys: NewKey[]): Promise<void> {
  await asDatabaseOwner(async (db) => {
    const workspace = await workspaceId(db, owner.slug);
    for (const { name, created, lastUsed, expires } of keys)
      await db.query(
        `INSERT INTO api_keys (workspace_id, hash, display_prefix, name, created_at, last_used_at, expires_at)
          VALUES ($1, sha256(convert_to(gen_random_uuid()::text, 'UTF8')), 'psk_demo_abcd', $2, now() + $3::interval,
            now() + $4::interval, now() + $5::interval)`,
        [workspace, name, created, lastUsed ?? null, expires ?? null],
      );
  });
}

/** Stores pending invitations of members. */
async function invite(emails: readonly string[]): Promise<void> {
  await asDatabaseOwner(async (db) =>
    db.query(
      `INSERT INTO invitations (workspace_id, email, role, expires_at)
        SELECT $1, email, 'member', now() + interval '1 day' FROM unnest($2::text[]) AS email`,
      [await workspaceId(db, owner.slug), emails],
    ),
  );
}

/** Connects an installation that shares these repositories of its account. */
async function addRepositories(login: string, names: readonly string[]): Promise<void> {
  await asDatabaseOwner(async (db) => {
    const id = unusedId();
    await addInstallation(db, await workspaceId(db, owner.slug), { id, login });
    await db.query(
      `INSERT INTO repositories (id, installation_id, owner, name, clone_url, default_branch, private)
        SELECT $1::bigint + n, $1, $2, name, 'https://github.test/x.git', 'main', true
        FROM unnest($3::text[]) WITH ORDINALITY AS given (name, n)`,
      [id, login, names],
    );
  });
}

/** Returns the names that the rows lead to. */
const names = (page: Page, list: string): Promise<(string | undefined)[]> =>
  page
    .getByRole('table', { name: list })
    .locator('tbody tr:has(a bdi)')
    .evaluateAll((rows) => rows.map((row) => row.querySelector('a bdi')?.textContent));

/** Sorts by a column's heading, or by the menu where the rows are stacked. */
async function sortBy(page: Page, label: string, order: string): Promise<void> {
  const menu = page.locator('summary', { hasText: 'Sort by' });
  if (await menu.isVisible()) {
    await menu.click();
    await page.getByRole('link', { name: `${label}, ${order}` }).click();
  } else await page.getByRole('link', { name: `${label} sort ${order}` }).click();
}

test('a list of keys is sorted by each column, page by page, and says how', { tag: '@narrow' }, async ({
  page,
}) => {
  await addKeys(
    { name: 'beta', created: '-3 days', lastUsed: '-1 hour', expires: '9 days' },
    { name: 'Alpha', created: '-2 days' },
    { name: 'gamma', created: '-1 days', lastUsed: '-5 hours', expires: '2 days' },
  );
  await page.goto(settings('api-keys'));
  await expect.poll(() => names(page, 'API keys')).toEqual(['gamma', 'Alpha', 'beta']);
  await sortBy(page, 'Name', 'A to Z');
  await expect.poll(() => names(page, 'API keys')).toEqual(['Alpha', 'beta', 'gamma']);
  await expect(page).toHaveURL(/\?sort=name&order=asc$/);
  await expect(page.locator('[aria-sort]')).toHaveCount(1);
  await expect(page.locator('[aria-sort]')).toHaveAttribute('aria-sort', 'ascending');
  await assertAccessible(page);
  await sortBy(page, 'Last used', 'most recent first');
  await expect.poll(() => names(page, 'API keys')).toEqual(['beta', 'gamma', 'Alpha']);
  await sortBy(page, 'Last used', 'never or longest ago first');
  await expect.poll(() => names(page, 'API keys')).toEqual(['Alpha', 'gamma', 'beta']);
  await page.goBack();
  await expect.poll(() => names(page, 'API keys')).toEqual(['beta', 'gamma', 'Alpha']);
});

test('repositories keep their search and account when they are sorted, and their order when they are searched', {
  tag: '@narrow',
}, async ({ page }) => {
  const [one, two] = [unique('one'), unique('two')];
  await addRepositories(one, ['web', 'api', 'web-admin']);
  await addRepositories(two, ['web-two']);
  await page.goto(settings('github'));
  const accounts = page.getByRole('navigation', { name: 'Repositories of' });
  await accounts.getByRole('link', { name: one }).click();
  await expect.poll(() => names(page, 'Repositories')).toHaveLength(3);
  await page.getByRole('searchbox', { name: 'Search repositories' }).fill('web');
  await expect.poll(() => names(page, 'Repositories')).toEqual([`${one}/web`, `${one}/web-admin`]);
  await sortBy(page, 'Repository', 'Z to A');
  await expect.poll(() => names(page, 'Repositories')).toEqual([`${one}/web-admin`, `${one}/web`]);
  await page.getByRole('searchbox', { name: 'Search repositories' }).fill('');
  await expect
    .poll(() => names(page, 'Repositories'))
    .toEqual([`${one}/web-admin`, `${one}/web`, `${one}/api`]);
  await accounts.getByRole('link', { name: 'All accounts' }).click();
  await expect.poll(() => names(page, 'Repositories')).toHaveLength(4);
  expect((await names(page, 'Repositories'))[0]).toBe(`${two}/web-two`);
});

test('an address with an unknown order or a cursor of another order shows the first page', async ({
  page,
}) => {
  await addKeys(...Array.from({ length: 26 }, (_, n) => ({ name: `key-${n}`, created: `-${n + 1} hours` })));
  await page.goto(`${settings('api-keys')}?sort=name&order=desc`);
  await page.getByRole('link', { name: 'Next' }).click();
  await expect(page.getByRole('link', { name: 'First page' })).toBeVisible();
  const cursor = new URL(page.url()).searchParams.get('cursor') ?? '';
  await expect.poll(() => names(page, 'API keys')).toEqual(['key-0']);
  await page.goto(`${settings('api-keys')}?sort=name&order=asc&cursor=${cursor}`);
  await expect(page).toHaveURL(/\?sort=name&order=asc$/);
  await page.goto(`${settings('api-keys')}?sort=__proto__&order=%27--&cursor=`);
  await expect.poll(async () => (await names(page, 'API keys'))[0]).toBe('key-0');
});

test('all keys on the page are selected with the header, two of three are revoked, and one remains', {
  tag: '@narrow',
}, async ({ page }) => {
  await addKeys(
    { name: 'one', created: '-1 days' },
    { name: 'two', created: '-2 days' },
    { name: 'three', created: '-3 days' },
  );
  await page.goto(`${settings('api-keys')}?sort=name`);
  const all = page.getByRole('checkbox', { name: 'Select all on this page' });
  const selection = page.getByRole('button', { name: 'Revoke', exact: true });
  await expect(selection).toBeHidden();
  await all.check();
  await expect(page.getByRole('status').filter({ hasText: '3 selected' })).toBeAttached();
  await page.getByRole('checkbox', { name: 'Select three' }).uncheck();
  await expect(all).toBeChecked({ indeterminate: true });
  await assertAccessible(page);
  await selection.click();
  const dialog = page.getByRole('dialog', { name: 'Revoke 2 keys?' });
  await expect(dialog.getByRole('listitem').filter({ hasText: /^(one|two|three)$/ })).toHaveText([
    'one',
    'two',
  ]);
  await assertAccessible(page);
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('checkbox', { name: 'Select two' })).toBeChecked();
  await selection.click();
  await dialog.getByRole('button', { name: 'Revoke 2 keys' }).click();
  await expect(page.getByText('2 API keys revoked')).toBeVisible();
  await expect(page.getByRole('checkbox', { name: /^Select (one|two)/ })).toHaveCount(0);
  await expect(page.getByRole('checkbox', { name: 'Select three' })).not.toBeChecked();
  await expect(page).toHaveURL(/sort=name/);
  await page.goto(`/w/${owner.slug}/audit-log?type=api_key.revoked`);
  await expect(page.getByRole('row').filter({ hasText: 'API key revoked' })).toHaveCount(2);
});

test('a key that somebody else revokes meanwhile is counted apart, and foreign ids count nowhere', async ({
  page,
}) => {
  await addKeys({ name: 'one', created: '-1 days' }, { name: 'two', created: '-2 days' });
  const other = await newOwner('Globex');
  const foreign = await asDatabaseOwner(async (db) =>
    addApiKey(db, await workspaceId(db, other.slug), 'foreign'),
  );
  await page.goto(settings('api-keys'));
  const ids = await page
    .locator('[data-row]')
    .evaluateAll((boxes) => boxes.map((box) => (box as HTMLInputElement).value));
  const query = new URLSearchParams([['ask', 'revoke'], ...[...ids, foreign].map((id) => ['id', id])] as [
    string,
    string,
  ][]);
  await page.goto(`${settings('api-keys')}?${query}`);
  const dialog = page.getByRole('dialog', { name: 'Revoke 2 keys?' });
  await expect(dialog).toBeVisible();
  await expect(page.getByText('foreign')).toHaveCount(0);
  await asDatabaseOwner((db) => db.query('UPDATE api_keys SET revoked_at = now() WHERE id = $1', [ids[0]]));
  await dialog.getByRole('button', { name: 'Revoke 2 keys' }).click();
  await expect(page.getByText('1 API key revoked')).toBeVisible();
  await expect(page.getByText('1 was already revoked.')).toBeVisible();
  await page.goto(`${settings('api-keys')}?ask=revoke&id=${foreign}`);
  await expect(page.getByRole('heading', { level: 1, name: 'API keys' })).toBeVisible();
  await expect(page.getByRole('dialog')).toHaveCount(0);
});

test('a keyboard user selects rules and revokes them', async ({ page }) => {
  await asDatabaseOwner(async (db) => {
    const workspace = await workspaceId(db, owner.slug);
    for (const name of ['a', 'b', 'c', 'd'])
      await addTrustRule(db, workspace, {
        name: `rule-${name}`,
        issuer: 'https://issuer.test',
        subject: name,
      });
  });
  await page.goto(`${settings('trust-rules')}?sort=name`);
  const box = (name: string) => page.getByRole('checkbox', { name: `Select rule-${name}` });
  await box('a').focus();
  await page.keyboard.press('Space');
  await expect(page.getByRole('status').filter({ hasText: '1 selected' })).toBeAttached();
  for (const name of ['b', 'c']) {
    await box(name).focus();
    await page.keyboard.press('Space');
  }
  await expect(page.getByRole('status').filter({ hasText: '3 selected' })).toBeAttached();
  await expect(box('d')).not.toBeChecked();
  await page.getByRole('button', { name: 'Revoke', exact: true }).focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Revoke 3 rules?' });
  await dialog.getByRole('button', { name: 'Revoke 3 rules' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByText('3 trust rules revoked')).toBeVisible();
  await expect(box('d')).toBeVisible();
});

test('an API key begins with the repositories that are selected in the list', { tag: '@narrow' }, async ({
  page,
}) => {
  const login = unique('acme');
  await addRepositories(login, ['api', 'web', 'docs']);
  await page.goto(settings('github'));
  await page.getByRole('checkbox', { name: `Select ${login}/api` }).check();
  await page.getByRole('checkbox', { name: `Select ${login}/web` }).check();
  await page.getByRole('button', { name: 'Create API key for these' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('New API key');
  await expect(page.getByRole('checkbox', { name: `${login}/api` })).toBeChecked();
  await expect(page.getByRole('checkbox', { name: `${login}/web` })).toBeChecked();
  await expect(page.getByRole('checkbox', { name: `${login}/docs` })).not.toBeChecked();
});

test('members and invitations are found by name or address, counted, and sorted', { tag: '@narrow' }, async ({
  page,
}) => {
  const lea = await newMember(owner.slug, 'admin');
  await asDatabaseOwner((db) =>
    db.query('UPDATE users SET name = $2 WHERE id = $1', [lea.id, 'Lea <b>Brandt</b>']),
  );
  await invite(['brandt@acme.test', 'mia@acme.test']);
  await page.goto(settings('members'));
  await expect(page.getByText('2 members, 2 pending invitations')).toBeVisible();
  await expect.poll(() => names(page, 'Members')).toEqual([owner.email, 'Lea <b>Brandt</b>']);
  await sortBy(page, 'Role', 'members first');
  await expect.poll(() => names(page, 'Members')).toEqual(['Lea <b>Brandt</b>', owner.email]);
  await assertAccessible(page);
  await page.getByRole('searchbox', { name: 'Search members' }).fill('BRANDT');
  await expect(page.getByText('1 member, 1 pending invitation')).toBeVisible();
  await expect(page).toHaveURL(/order=desc/);
  await expect(page.getByText('mia@acme.test')).toHaveCount(0);
  await page.getByRole('searchbox', { name: 'Search members' }).fill('nobody-has-this');
  await expect(page.getByText('No one matches “nobody-has-this”')).toBeVisible();
  await page.getByRole('link', { name: 'Clear the search' }).click();
  await page.getByRole('checkbox', { name: 'Select all invitations' }).check();
  await page.getByRole('button', { name: 'Revoke', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Revoke 2 invitations?' });
  await expect(dialog.getByRole('listitem').filter({ hasText: 'acme.test' })).toHaveText([
    'brandt@acme.test',
    'mia@acme.test',
  ]);
  await assertAccessible(page);
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText('2 members, 2 pending invitations')).toBeVisible();
  await page.getByRole('button', { name: 'Revoke', exact: true }).click();
  await dialog.getByRole('button', { name: 'Revoke 2 invitations' }).click();
  await expect(page.getByText('2 invitations revoked')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Pending invitations' })).toHaveCount(0);
});

test('all invitations that may be pending are revoked together, and more ids are refused with the reason', async ({
  page,
}) => {
  await invite(Array.from({ length: MAX_SELECTED }, (_, n) => `${n}@acme.test`));
  await page.goto(settings('members'));
  await page.getByRole('checkbox', { name: 'Select all invitations' }).check();
  await page.getByRole('button', { name: 'Revoke', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: `Revoke ${MAX_SELECTED} invitations?` });
  await dialog.getByRole('button', { name: `Revoke ${MAX_SELECTED} invitations` }).click();
  await expect(page.getByText(`${MAX_SELECTED} invitations revoked`)).toBeVisible();
  const ids = Array.from({ length: MAX_SELECTED + 1 }, () => `id=${randomUUID()}`).join('&');
  for (const list of ['members', 'api-keys', 'trust-rules']) {
    await page.goto(`${settings(list)}?ask=revoke&${ids}`);
    await expect(page.getByText(`At most ${MAX_SELECTED} rows can be revoked together.`)).toBeVisible();
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await page.goto(`${settings(list)}?ask=revoke&id=${randomUUID()}`);
    await expect(page.getByText('None of the selected rows can be revoked any longer.')).toBeVisible();
  }
});

test('the list of members keeps its search and order while people are changed', { tag: '@narrow' }, async ({
  page,
}) => {
  const lea = await newMember(owner.slug, 'member');
  const shown = `q=${encodeURIComponent(lea.email)}&sort=role&order=desc`;
  await invite([`${lea.email}.example`]);
  const isKept = () =>
    expect
      .poll(() => Object.fromEntries(new URL(page.url()).searchParams))
      .toMatchObject({ q: lea.email, sort: 'role', order: 'desc', notice: expect.any(String) });
  // A toast stays while the pointer is over it, and may cover the next control.
  const dismiss = async () => {
    await page.getByRole('link', { name: 'Dismiss' }).click();
    await expect(page).not.toHaveURL(/notice=/);
  };
  await page.goto(`${settings('members')}?${shown}`);
  const row = page.getByRole('rowgroup').filter({ hasText: lea.email }).first();
  await row.locator('summary').click();
  await row.getByLabel(/^Role/).selectOption('admin');
  await row.getByRole('button', { name: 'Change role' }).click();
  await expect(page.getByText('Role changed', { exact: true })).toBeVisible();
  await isKept();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByText('The member’s role is restored.')).toBeVisible();
  await isKept();
  await dismiss();
  await page.getByRole('button', { name: /^New link/ }).click();
  await expect(page.getByText('New link created', { exact: true })).toBeVisible();
  await isKept();
  await page.getByRole('button', { name: /^Revoke the invitation/ }).click();
  await expect(page.getByText('Invitation revoked', { exact: true })).toBeVisible();
  await isKept();
  await dismiss();
  // The row may still be expanded from before.
  const remove = row.getByRole('link', { name: /^Remove from the workspace/ });
  await expect(async () => {
    if (!(await remove.isVisible())) await row.locator('summary').click();
    await expect(remove).toBeVisible({ timeout: 1_000 });
  }).toPass();
  await remove.click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove from the workspace' }).click();
  await expect(page.getByText('Member removed', { exact: true })).toBeVisible();
  await isKept();
  // A new invitation ends the search, which may not find the invitation. The order stays.
  await page.getByLabel('Email').fill('mia@acme.test');
  await page.getByRole('button', { name: 'Invite', exact: true }).click();
  await expect(page.getByText('Invitation created', { exact: true })).toBeVisible();
  await expect(page).toHaveURL(/sort=role/);
  await expect(page).not.toHaveURL(/q=/);
});

test('the controls above stacked rows begin where their checkboxes begin', { tag: '@narrow' }, async ({
  page,
}) => {
  await addKeys({ name: 'one', created: '-1 days' });
  await addRepositories(unique('acme'), ['api']);
  await invite(['mia@acme.test']);
  const placeOf = (element: Locator) => element.evaluate((box) => box.getBoundingClientRect().toJSON());
  for (const list of ['api-keys', 'github', 'members']) {
    await page.goto(settings(list));
    const row = page.locator('[data-row]').first();
    const all = page.getByRole('checkbox', { name: /^Select all/ });
    await expect(all).toBeVisible();
    const { x } = await placeOf(row);
    expect({ list, x: (await placeOf(all)).x }).toEqual({ list, x });
    const menu = page.locator('summary', { hasText: 'Sort by' });
    if (!(await menu.isVisible())) continue;
    const text = await placeOf(menu.locator('span').first());
    // The menu stands beside the checkbox if there is room, or else below it.
    if (list === 'members' || text.y > (await placeOf(all)).bottom)
      expect({ list, x: text.x }).toEqual({ list, x });
  }
});

test.describe('without a script', () => {
  test.use({ javaScriptEnabled: false });

  test('a list is sorted', { tag: '@narrow' }, async ({ page }) => {
    await addKeys({ name: 'beta', created: '-1 days' }, { name: 'alpha', created: '-2 days' });
    await page.goto(settings('api-keys'));
    await sortBy(page, 'Name', 'A to Z');
    await expect(page).toHaveURL(/sort=name/);
    expect(await names(page, 'API keys')).toEqual(['alpha', 'beta']);
  });

  test('selected keys are revoked after a dialog that names them', { tag: '@narrow' }, async ({ page }) => {
    await addKeys({ name: 'one', created: '-1 days' }, { name: 'two', created: '-2 days' });
    await page.goto(settings('api-keys'));
    await expect(page.getByRole('checkbox', { name: 'Select all on this page' })).toHaveCount(0);
    await expect(page.getByRole('button', { name: 'Revoke', exact: true })).toBeHidden();
    await page.getByRole('checkbox', { name: 'Select one' }).check();
    await page.getByRole('button', { name: 'Revoke', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Revoke this key?' });
    await expect(dialog.getByText('one', { exact: true })).toBeVisible();
    await dialog.getByRole('button', { name: 'Revoke this key' }).click();
    await expect(page.getByText('1 API key revoked')).toBeVisible();
    await expect(page.getByRole('checkbox', { name: 'Select two' })).toBeVisible();
  });

  test('selected invitations are revoked after a dialog that names them', async ({ page }) => {
    await invite(['lea@acme.test', 'mia@acme.test']);
    await page.goto(settings('members'));
    await page.getByRole('checkbox', { name: 'Select mia@acme.test' }).check();
    await page.getByRole('button', { name: 'Revoke', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Revoke this invitation?' });
    await expect(dialog.getByText('mia@acme.test')).toBeVisible();
    await dialog.getByRole('button', { name: 'Revoke this invitation' }).click();
    await expect(page.getByText('1 invitation revoked')).toBeVisible();
    await expect(page.getByText('lea@acme.test').first()).toBeVisible();
  });
});
