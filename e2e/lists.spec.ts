/** The lists of settings: their order, search and selection. */
import type { Page } from '@playwright/test';
import { expect, test, unique } from './fixtures';
import { assertAccessible } from './inspection';
import { addInstallation, asDatabaseOwner, unusedId, workspaceId } from './installations';
import { newOwner, type Person, signInAs } from './people';

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
    .locator('tbody tr')
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

test.describe('without a script', () => {
  test.use({ javaScriptEnabled: false });

  test('a list is sorted', { tag: '@narrow' }, async ({ page }) => {
    await addKeys({ name: 'beta', created: '-1 days' }, { name: 'alpha', created: '-2 days' });
    await page.goto(settings('api-keys'));
    await sortBy(page, 'Name', 'A to Z');
    await expect(page).toHaveURL(/sort=name/);
    expect(await names(page, 'API keys')).toEqual(['alpha', 'beta']);
  });
});
