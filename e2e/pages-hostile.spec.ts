/** Covers hostile names and large amounts of data, which must neither break a page nor make it scroll sideways. */
import { expect, test } from './fixtures';
import { assertAccessible, assertFits } from './inspection';
import { addInstallation, asDatabaseOwner, unusedId, workspaceId } from './installations';
import { newOwner, olderThan, type Person, signInAs } from './people';

const MARKUP = '<img src=x onerror=alert(1)>';
const NAMES = [
  MARKUP,
  '\u202Egnp.exe\u202C-مستودع',
  '🦊🏳️‍🌈',
  'x'.repeat(100),
  "Robert'); DROP TABLE students;--",
];
const REPOSITORIES = 10_000;
/**
 * Six in seven of these events are refusals. That makes more of them than the 20,000 at which the chart stops counting.
 */
const EVENTS = 30_000;

// Each test resizes the page to the narrowest screen itself.

let owner: Person;

test.beforeAll(async () => {
  owner = await newOwner(`${'Acme '.repeat(8)}${NAMES[0]}`.slice(0, 80));
  await asDatabaseOwner(async (db) => {
    const workspace = await workspaceId(db, owner.slug);
    const base = unusedId();
    await addInstallation(db, workspace, { id: base, login: 'y'.repeat(100) });
    await addInstallation(db, workspace, { id: base + 1, login: 'empty' });
    await db.query(
      `INSERT INTO repositories (id, installation_id, owner, name, clone_url, default_branch, private)
        SELECT $1::bigint + n, $1::bigint, 'acme', name, 'https://github.example/acme/' || name || '.git', name, true
        FROM (SELECT n, coalesce(($2::text[])[n], 'repository-' || n) AS name
          FROM generate_series(1, $3::int) AS n) AS r`,
      [base, NAMES, REPOSITORIES],
    );
    await db.query(
      `INSERT INTO api_keys (workspace_id, hash, display_prefix, name)
        SELECT $1, sha256(convert_to($2 || name, 'UTF8')), 'psk_demo_abcd', left(name, 80)
        FROM unnest($3::text[]) AS name`,
      [workspace, owner.slug, NAMES],
    );
    await db.query(
      `INSERT INTO trust_rules (workspace_id, name, issuer, subject, claims, repository_ids)
        SELECT $1, left(name, 80), 'https://issuer.example/' || left(name, 50), 'repo:' || name || ':ref:refs/heads/' || name,
          jsonb_build_object(name, name), '{}' FROM unnest($2::text[]) AS name`,
      [workspace, NAMES],
    );
    // Insert in batches. For each event, the trigger updates the chain's head, and such updates become slower and
    // slower within one transaction.
    for (let from = 1; from <= EVENTS; from += 1_000)
      await db.query(
        `INSERT INTO audit_events (workspace_id, type, actor_type, actor_id, actor_label, installation_id, client_ip,
            user_agent, request_id, details)
          SELECT $1, CASE WHEN n % 7 = 0 THEN 'github.token_minted' ELSE 'github.token_denied' END, 'api_key',
            (SELECT id::text FROM api_keys WHERE workspace_id = $1 LIMIT 1),
            ($3::text[])[1 + n % 5], $2, '2001:db8:1234:5678:9abc:def0:1234:5678', ($3::text[])[1 + n % 5], 'r' || n,
            jsonb_build_object('repositories', $3::text[], 'hashed_token', 'h' || n, ($3::text[])[1 + n % 5], 'x')
          FROM generate_series($4::int, $5::int) AS n`,
        [workspace, base, NAMES, from, Math.min(from + 999, EVENTS)],
      );
    await db.query(
      `WITH people AS (
          INSERT INTO users (email, name) SELECT 'hostile-' || n || '-' || $2, name
          FROM unnest($3::text[]) WITH ORDINALITY AS p (name, n) RETURNING id)
        INSERT INTO memberships (workspace_id, user_id, role) SELECT $1, id, 'member' FROM people`,
      [workspace, owner.email, NAMES],
    );
  });
});

test.beforeEach(async ({ page, context }) => {
  await signInAs(context, owner);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  page.on('dialog', () => {
    throw new Error('a script of the data ran');
  });
});

for (const [name, path] of [
  ['GitHub settings', '/settings/github'],
  ['API keys', '/settings/api-keys'],
  ['the repository picker', '/settings/api-keys/new'],
  ['trust rules', '/settings/trust-rules'],
  ['members', '/settings/members'],
  ['the audit log', '/audit-log'],
  ['an event', '/audit-log?event=5'],
] as const)
  test(`${name}: hostile names are shown as text and fit the narrowest screen`, async ({ page }) => {
    await page.goto(`/w/${owner.slug}${path}`);
    if (path.endsWith('/new')) {
      await page.getByLabel('Search repositories').fill(MARKUP);
      await page.getByRole('button', { name: 'Search' }).click();
    }
    const named = page.locator('main, dialog').getByText(MARKUP).filter({ visible: true });
    await expect(named.first()).toBeVisible();
    await assertAccessible(page);
    await page.setViewportSize({ width: 360, height: 740 });
    await assertFits(page);
  });

test('ten thousand repositories can be searched while typing, paged and filtered by account', async ({
  page,
}) => {
  await page.goto(`/w/${owner.slug}/settings/github`);
  await expect(page.getByText('All repositories (10,000)')).toBeVisible();
  // Retry, because typing before hydration doesn't start a search.
  await expect(async () => {
    await page.getByLabel('Search repositories').fill('');
    await page.getByLabel('Search repositories').fill('repository-9999');
    await expect(page).toHaveURL(/q=repository-9999/, { timeout: 5_000 });
  }).toPass();
  await expect(
    page.locator('tbody').getByText('acme/repository-9999', { exact: true }).first(),
  ).toBeVisible();
  await expect(page.getByText('acme/repository-10000', { exact: true })).toHaveCount(0);
  await page.goto(`/w/${owner.slug}/settings/github`);
  await page.getByRole('link', { name: 'Next' }).click();
  await expect(page.getByRole('link', { name: 'First page' })).toBeVisible();
  const accounts = page.getByRole('navigation', { name: 'Repositories of' });
  await accounts.getByRole('link', { name: 'empty', exact: true }).click();
  await expect(page.getByText('No repositories are shared')).toBeVisible();
});

test(`a log of ${EVENTS} events can be paged to its oldest event, filtered, exported and opened by keyboard`, async ({
  page,
}) => {
  const log = `/w/${owner.slug}/audit-log`;
  await page.goto(log);
  await page.getByRole('link', { name: 'Older' }).click();
  await page.getByRole('link', { name: 'Newer' }).click();
  await expect(page.locator(`#event-${EVENTS + 1}`)).toBeVisible();
  await expect(page.getByRole('link', { name: 'Newer' })).toHaveCount(0);
  const first = page.locator('tbody a').first();
  await first.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog').getByText('Find it in GitHub’s audit log').first()).toBeVisible();

  // Open a page in the middle, then the last page, which shows the oldest events.
  await page.goto(`${log}?cursor=${olderThan(Math.floor(EVENTS / 2))}`);
  await expect(page.locator('tbody tr')).toHaveCount(25);
  await page.goto(`${log}?cursor=${olderThan(26)}`);
  await expect(page.locator('#event-1')).toBeVisible();
  await expect(page.getByRole('link', { name: 'Older' })).toHaveCount(0);

  const minted = Math.floor(EVENTS / 7);
  await page.goto(`${log}?type=github.token_minted&q=h${minted * 7}`);
  await expect(page.getByText('No event matches')).toHaveCount(0);
  await expect(page.locator('tbody tr').first()).toBeVisible();

  const answer = await page.request.get(
    `/api/v1/workspaces/${owner.slug}/audit-events?type=github.token_minted&format=ndjson`,
  );
  expect((await answer.text()).trim().split('\n')).toHaveLength(minted);

  await page.goto(log);
  // Use the oldest day in the chart, because the newest may have only just begun.
  const today = page.locator('figure a').first();
  // The bar is streamed in after the page, and can't be focused until it is visible.
  await expect(today).toBeVisible();
  await expect(today).toHaveAttribute('aria-label', /: at least \d+ issued, \d+ refused/);
  await today.focus();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/from=\d{4}-\d\d-\d\d&to=/);
});
