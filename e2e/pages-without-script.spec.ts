/** Covers everything that must work without JavaScript. */
import { confirmBy } from './dialogs';
import { expect, identityToken, signIn, test, unique } from './fixtures';
import { addApiKey, asDatabaseOwner, workspaceId } from './installations';
import { newOwner, type Person, signInAs } from './people';

test.use({ javaScriptEnabled: false });

let owner: Person;
test.beforeAll(async () => {
  owner = await newOwner('Acme');
});

test('a user can sign in and out without a script', async ({ page }) => {
  await signIn(page, `${unique('olivia')}@acme.test`);
  await expect(page).toHaveURL('/new');
  await page.getByRole('banner').locator('summary', { hasText: 'Your account' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/\/sign-in/);
  await page.goto('/new');
  await expect(page).toHaveURL(/\/sign-in/);
});

test('a customer can start to connect GitHub without a script', async ({ page, context }) => {
  await signInAs(context, owner);
  await page.goto(`/w/${owner.slug}/settings/github`);
  await page.getByRole('button', { name: 'Connect GitHub' }).click();
  await expect(page.getByRole('button', { name: 'Sign in as olivia' })).toBeVisible();
});

/** Pages, each with a table that only one of its parts reads, so locking the table delays only that part. */
const HELD = [
  ['settings/github', 'repositories'],
  ['settings/members', 'invitations'],
  ['settings/api-keys', 'api_keys'],
  ['settings/trust-rules', 'trust_rules'],
  ['audit-log', 'installations'],
  ['audit-log', 'audit_events'],
] as const;

for (const [path, table] of HELD)
  test(`${path} is sent complete and in order although ${table} can be read only late`, async ({
    context,
  }) => {
    await signInAs(context, owner);
    const html = await asDatabaseOwner(async (db) => {
      await db.query(`BEGIN; LOCK TABLE ${table}`);
      const answer = context.request.get(`/w/${owner.slug}/${path}`, { timeout: 0 });
      const waits = `SELECT count(*)::int AS n FROM pg_locks WHERE NOT granted AND relation = '${table}'::regclass`;
      await expect.poll(async () => (await db.query(waits)).rows[0]?.n).toBeGreaterThan(0);
      // Give the server time to send everything that isn't waiting for the table.
      await db.query('SELECT pg_sleep(1)');
      await db.query('COMMIT');
      return (await answer).text();
    });
    expect(html).toContain('</main>');
    // These are React's marks on streamed parts, which only a script can move into place.
    expect(html).not.toMatch(/<div hidden id="S:|<template id="[BP]:/);
  });

test('a document contains none of the boxes that only a client navigation shows', async ({
  page,
  context,
}) => {
  await signInAs(context, owner);
  for (const path of [
    'settings/github',
    'settings/members',
    'settings/api-keys',
    'settings/trust-rules',
    'audit-log',
  ]) {
    const answer = await page.goto(`/w/${owner.slug}/${path}`);
    expect(await answer?.text(), path).not.toContain('data-skeleton');
  }
});

test('the audit log can be filtered, opened at an event and exported without a script', async ({
  page,
  context,
}) => {
  await signInAs(context, owner);
  await page.goto(`/w/${owner.slug}/audit-log`);
  await page.locator('summary', { hasText: 'Event' }).click();
  await page.getByLabel('Workspace created', { exact: true }).check();
  await page.locator('#filter-ip').fill('203.0.113.1');
  await page.locator('#filter-time').click();
  await page.getByRole('button', { name: 'Last 7 days' }).click();
  await expect(page).toHaveURL(/audit-log\?type=workspace\.created&ip=203\.0\.113\.1&from=7d$/);
  await page.goto(`/w/${owner.slug}/audit-log`);
  await page.locator('summary', { hasText: 'Event' }).click();
  await page.getByLabel('Workspace created', { exact: true }).check();
  await page.getByRole('group', { name: 'Filters' }).getByRole('button', { name: 'Apply' }).first().click();
  await expect(page).toHaveURL(/audit-log\?type=workspace\.created$/);
  await page.getByRole('link', { name: 'Workspace created', exact: true }).click();
  const drawer = page.getByRole('dialog', { name: 'Workspace created' });
  await expect(drawer.getByText('workspace.created', { exact: true })).toBeVisible();
  await drawer.getByRole('link', { name: 'Close' }).click();
  await expect(drawer).toHaveCount(0);
  await expect(page).toHaveURL(/audit-log\?type=workspace\.created$/);
  await page.getByLabel('Search the audit log').fill('type:workspace.created after:7d');
  await page.getByRole('button', { name: 'Search' }).click();
  await expect(page).toHaveURL(/audit-log\?type=workspace\.created&from=7d$/);
  await expect(page.getByLabel('Search the audit log')).toHaveValue('type:workspace.created after:7d');
  await page.locator('summary', { hasText: 'Views' }).click();
  await page.getByLabel('Name of the view').fill('beginnings');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.locator('summary', { hasText: 'View: beginnings' })).toBeVisible();

  await page.locator('summary', { hasText: 'Export' }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: /^NDJSON/ }).click(),
  ]);
  expect(download.suggestedFilename()).toBe(`audit-${owner.slug}.ndjson`);
});

test('a GitHub log that is too large to compare is refused without a script', async ({ page, context }) => {
  await signInAs(context, owner);
  for (const megabytes of [5, 15]) {
    await page.goto(`/w/${owner.slug}/audit-log/compare`);
    await page.getByLabel('GitHub’s audit log').setInputFiles({
      name: 'log.json',
      mimeType: 'application/json',
      buffer: Buffer.alloc(megabytes * 1_000_000, 'x'),
    });
    await page.getByRole('button', { name: 'Compare' }).click();
    await expect(page.getByText('The file is too large: export a shorter time.')).toBeVisible();
  }
});

test('an admin can create an API key, invite somebody and choose a theme without a script', async ({
  page,
  context,
}) => {
  await signInAs(context, owner);
  await page.goto(`/w/${owner.slug}/settings/api-keys/new`);
  await page.getByLabel('Name').fill('engine');
  await page.getByRole('button', { name: 'Search' }).click();
  await expect(page.getByLabel('Name')).toHaveValue('engine');
  await page.getByText('All repositories, including future ones').click();
  await page.getByRole('button', { name: 'Create API key' }).click();
  await expect(page.getByRole('region', { name: 'API key' }).getByRole('code')).toHaveText(/^psk_demo_/);

  await page.goto(`/w/${owner.slug}/settings/members`);
  await page.getByLabel('Email').fill('mia@acme.test');
  await page.getByRole('button', { name: 'Invite' }).click();
  await expect(page.getByText('Invitation created', { exact: true })).toBeVisible();

  await page.getByRole('banner').locator('summary', { hasText: 'Your account' }).click();
  await page.getByRole('button', { name: 'Dark theme' }).click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
});

test('an admin can create a trust rule and test a token without a script', async ({ page, context }) => {
  await signInAs(context, owner);
  const path = `/w/${owner.slug}/settings/trust-rules`;
  await page.goto(`${path}/new`);
  await page.getByRole('link', { name: 'Kubernetes' }).click();
  await page.getByLabel('Name', { exact: true }).fill('engine');
  await page.getByLabel('Namespace').fill('analysis');
  await page.getByLabel('Service account', { exact: true }).fill('engine');
  await page.getByText('All repositories, including future ones').click();
  await page.getByRole('button', { name: 'Create trust rule' }).click();
  // Nothing is created before the page has shown what the rule trusts.
  await expect(page.getByText('Check what this rule trusts, then choose Create again.')).toBeVisible();
  const demands = page.getByRole('region', { name: 'This rule trusts' });
  await expect(demands).toContainText('system:serviceaccount:analysis:engine');
  await page.getByRole('button', { name: 'Create trust rule' }).click();
  await expect(page.getByText('The trust rule is created')).toBeVisible();

  await page.getByRole('link', { name: 'Test a token' }).click();
  const token = await identityToken({ sub: 'system:serviceaccount:analysis:other' });
  await page.getByLabel('Identity token').fill(token);
  await page.getByRole('button', { name: 'Test the token' }).click();
  await expect(page.getByText('No trust rule matches this token')).toBeVisible();
  await expect(page.getByLabel('Identity token')).toHaveValue('');
  expect((await page.content()).includes(token)).toBe(false);

  await page.goto(path);
  await page.getByRole('link', { name: 'Manage engine' }).click();
  await confirmBy(page, 'Revoke rule');
  await expect(page.getByText('The trust rule is revoked')).toBeVisible();
});

test('an admin can forbid API keys and allow them again without a script', async ({ page, context }) => {
  await signInAs(context, owner);
  const path = `/w/${owner.slug}/settings/api-keys`;
  await asDatabaseOwner(async (db) => addApiKey(db, await workspaceId(db, owner.slug), 'forbidden'));
  await page.goto(path);
  const row = page.getByRole('row').filter({ hasText: 'forbidden' });
  await expect(row).toContainText('Active');
  await page.getByRole('button', { name: 'Forbid API keys' }).click();
  const dialog = page.getByRole('dialog', { name: 'Forbid API keys?' });
  await expect(dialog).toContainText('refused with 403 forbidden');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(row).toContainText('Active');

  await page.getByRole('button', { name: 'Forbid API keys' }).click();
  await dialog.getByRole('button', { name: 'Forbid API keys' }).click();
  await expect(page.getByText('API keys are forbidden', { exact: true })).toBeVisible();
  await expect(row).toContainText('Not allowed');
  await page.getByRole('button', { name: 'Allow API keys again' }).click();
  await expect(page.getByText('API keys are allowed again')).toBeVisible();
  await expect(row).toContainText('Active');
});

test('a list can be paged without a script', async ({ page, context }) => {
  await signInAs(context, owner);
  await asDatabaseOwner(async (db) =>
    db.query(
      `INSERT INTO api_keys (workspace_id, hash, display_prefix, name)
        SELECT $1, sha256(convert_to($2 || n, 'UTF8')), 'psk_demo_abcd', 'paged-' || n FROM generate_series(1, 30) AS n`,
      [await workspaceId(db, owner.slug), owner.slug],
    ),
  );
  await page.goto(`/w/${owner.slug}/settings/api-keys`);
  await page.getByRole('link', { name: 'Next' }).click();
  await expect(page).toHaveURL(/cursor=/);
  await expect(page.getByText(/^paged-/).first()).toBeVisible();
  await page.getByRole('link', { name: 'First page' }).click();
  await expect(page.getByRole('link', { name: 'Next' })).toBeVisible();
});
