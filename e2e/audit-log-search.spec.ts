/** Covers the audit log as a tool of investigation: one search field, filters, counts, order, columns and saved views. */
import type { Page } from '@playwright/test';
import { expect, test, unique } from './fixtures';
import { addApiKey, addInstallation, asDatabaseOwner, unusedId, workspaceId } from './installations';
import { newOwner, type Person, signInAs } from './people';

const DAY_MS = 86_400_000;
const field = (page: Page) => page.getByLabel('Search the audit log');
const rows = (page: Page) => page.locator('tbody tr');

let owner: Person;
let login: string;
/** A day of last week, on which the log has tokens from inside and from outside. */
const day = new Date(Date.now() - 6 * DAY_MS).toISOString().slice(0, 10);
const dayAfter = new Date(Date.parse(day) + DAY_MS).toISOString().slice(0, 10);

/**
 * Writes the tokens of an installation that shares `LOGIN/api`: for this repository, for another and for all, from inside
 * and outside of 10.0.0.0/8, on that day and today. The append trigger is off meanwhile, because it sets the time.
 */
test.beforeAll(async () => {
  owner = await newOwner('Acme');
  login = unique('octo');
  await asDatabaseOwner(async (db) => {
    const workspace = await workspaceId(db, owner.slug);
    const id = unusedId();
    await addInstallation(db, workspace, { id, login });
    const key = await addApiKey(db, workspace, 'engine');
    await db.query(
      `INSERT INTO repositories (id, installation_id, owner, name, clone_url, default_branch, private)
        VALUES ($1, $1, $2, 'api', 'https://github.test/x.git', 'main', true)`,
      [id, login],
    );
    // Shared since before that day.
    await db.query('UPDATE repository_periods SET from_seq = 0 WHERE repository_id = $1', [id]);
    const api = JSON.stringify([{ id, full_name: `${login}/api` }]);
    const web = JSON.stringify([{ id: id + 1, full_name: `${login}/web` }]);
    const tokens: [day: string, ip: string, repositories: string][] = [
      [day, '203.0.113.7', api],
      [day, '203.0.113.8', '"all"'],
      [day, '203.0.113.9', web],
      [day, '10.1.2.3', api],
      [day, '10.1.2.4', '"all"'],
      [dayAfter, '203.0.113.7', api],
    ];
    await db.query('ALTER TABLE audit_events DISABLE TRIGGER audit_events_append');
    try {
      for (const [index, [at, ip, repositories]] of tokens.entries())
        await db.query(
          `INSERT INTO audit_events (workspace_id, seq, occurred_at, workspace_slug, type, actor_type, actor_id,
              actor_label, installation_id, client_ip, request_id, details, prev_hash, hash)
            VALUES ($1, $2, $3, $4, 'github.token_minted', 'api_key', $5, 'engine', $6, $7, 'r',
              jsonb_build_object('repositories', $8::jsonb, 'repository_list_version', 1,
                'permissions', '{"contents":"read"}'::jsonb), '', '')`,
          [workspace, index + 2, `${at}T12:00:00Z`, owner.slug, key, id, ip, repositories],
        );
      await db.query('UPDATE audit_chains SET seq = $2 WHERE workspace_id = $1', [
        workspace,
        tokens.length + 1,
      ]);
    } finally {
      await db.query('ALTER TABLE audit_events ENABLE ALWAYS TRIGGER audit_events_append');
    }
  });
});
test.beforeEach(({ context }) => signInAs(context, owner));

test('the tokens that could read a repository on a day from outside a network are found in four actions', async ({
  page,
}) => {
  await page.goto(`/w/${owner.slug}/settings/members`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Members');
  let actions = 0;
  const act = async (action: Promise<unknown>) => {
    actions += 1;
    await action;
  };
  await act(page.getByRole('link', { name: 'Audit log' }).click());
  await act(field(page).click());
  const weekday = new Date(day).toLocaleDateString('en', { weekday: 'long', timeZone: 'UTC' }).toLowerCase();
  await act(page.keyboard.type(`repo:${login}/api on:${weekday} -ip:10.0.0.0/8`));
  await act(page.keyboard.press('Enter'));
  expect(actions).toBeLessThanOrEqual(4);

  await expect(page.getByRole('heading', { level: 2, name: '2 events' })).toBeVisible();
  await expect(rows(page)).toHaveCount(2);
  await expect(rows(page).nth(0)).toContainText('203.0.113.8');
  await expect(rows(page).nth(0)).toContainText('All shared');
  await expect(rows(page).nth(1)).toContainText(`${login}/api`);
  await expect(page).toHaveTitle(new RegExp(`^repo:${login}/api -ip:10\\.0\\.0\\.0/8 .*Audit log`));
  await expect(field(page)).toBeFocused();
  // The chart shows the hours of that day, and the same tokens.
  await expect(page.locator('figure')).toContainText('Tokens per hour');
  await expect(page.locator('figure')).toContainText('2 issued');
});

test('a pivot adds to the filters, and the drawer steps through all events with the keyboard', async ({
  page,
}) => {
  await page.goto(`/w/${owner.slug}/audit-log?repository=${login}/api&order=oldest`);
  await expect(rows(page)).toHaveCount(5);
  await page.locator('#event-2').click();
  const drawer = page.getByRole('dialog');
  await expect(drawer.getByText('None: the address is new')).toBeVisible();
  await expect(page.locator('dialog:modal')).toBeVisible();
  for (const seq of [3, 5]) {
    await page.keyboard.press('k');
    await expect(page).toHaveURL(new RegExp(`event=${seq}$`));
  }
  await page.keyboard.press('ArrowRight');
  await expect(page).toHaveURL(/event=3$/);
  await drawer.getByRole('link', { name: '203.0.113.8' }).click();
  await expect(drawer).toHaveCount(0);
  await expect(page).toHaveURL(/repository=.*ip=203\.0\.113\.8.*order=oldest/);
  await expect(rows(page)).toHaveCount(1);
  await expect(field(page)).toHaveValue(`repo:${login}/api ip:203.0.113.8`);
});

test('a line with a mistake says which part is wrong, and shows no events', async ({ page }) => {
  await page.goto(`/w/${owner.slug}/audit-log`);
  await field(page).fill('type:no_such ip:nowhere leaked');
  await page.keyboard.press('Enter');
  await expect(page.getByText('there is no type no_such')).toBeVisible();
  await expect(page.getByText('must be an IP address')).toBeVisible();
  await expect(page.getByText('These filters cannot be used')).toBeVisible();
  await expect(field(page)).toHaveValue('type:no_such ip:nowhere leaked');
  await page.goto(`/w/${owner.slug}/audit-log?from=2026-11-03&to=2026-11-01`);
  await expect(page.getByText('the range is empty')).toBeVisible();
});

test('the field completes words, types and accounts by keyboard', async ({ page }) => {
  await page.goto(`/w/${owner.slug}/audit-log`);
  await page.waitForLoadState('networkidle');
  await field(page).click();
  const list = page.getByRole('listbox', { name: 'Completions' });
  await expect(async () => {
    await field(page).fill('');
    await field(page).pressSequentially('ty');
    await expect(list.getByRole('option')).toHaveCount(1);
  }).toPass({ timeout: 60_000 });
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(field(page)).toHaveValue('type:');
  await page.keyboard.type('issued');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Tab');
  await expect(field(page)).toHaveValue('type:token_minted ');
  await page.keyboard.type('conn');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(field(page)).toHaveValue(`type:token_minted connection:${login} `);
  await page.keyboard.type(`repo:${login.slice(0, 6)}`);
  await expect(list.getByRole('option', { name: `${login}/api` })).toBeVisible();
  for (let presses = 0; presses < ` repo:${login.slice(0, 6)}`.length - 1; presses++)
    await page.keyboard.press('Backspace');
  await page.keyboard.press('Escape');
  await expect(list).toBeHidden();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/type=github\.token_minted&installation_id=\d+$/);
  await expect(rows(page)).toHaveCount(6);
});

test('several types, a result, an order and columns are chosen in the row of filters', async ({ page }) => {
  await page.goto(`/w/${owner.slug}/audit-log`);
  const form = page.getByRole('group', { name: 'Filters' });
  const types = form.locator('#filter-type');
  await types.click();
  await form.getByLabel('Workspace created', { exact: true }).check();
  await form.getByLabel('Token issued', { exact: true }).check();
  await form.getByRole('button', { name: 'Apply' }).first().click();
  await expect(page).toHaveURL(/type=github\.token_minted%2Cworkspace\.created/);
  await expect(types).toHaveText('Event: 2');
  await expect(types).toBeFocused();
  await expect(form.getByRole('group', { name: 'Events' })).toBeHidden();
  await expect(rows(page)).toHaveCount(7);
  await page.getByLabel('Result').selectOption('refused');
  await page.getByRole('button', { name: 'Search' }).click();
  await expect(page.getByText('No event matches')).toBeVisible();
  await page.getByRole('link', { name: 'Clear', exact: true }).click();
  await expect(rows(page)).toHaveCount(7);
  await page.getByRole('button', { name: /Newest first/ }).click();
  await expect(rows(page).nth(0)).toContainText('Workspace created');
  await page.locator('summary', { hasText: 'Columns' }).click();
  const columns = page.getByRole('group', { name: 'Columns' });
  await columns.getByLabel('Repositories').uncheck();
  await columns.getByLabel('Number').check();
  await columns.getByRole('button', { name: 'Apply' }).click();
  await expect(page.getByRole('columnheader', { name: 'Number' })).toBeVisible();
  await expect(page.getByRole('columnheader', { name: 'Repositories' })).toHaveCount(0);
  await expect(page).toHaveURL(/order=oldest&columns=actor%2Caccount%2Cip%2Cseq/);
});

test('each control that narrows or sorts the list carries what is typed elsewhere', async ({ page }) => {
  await page.goto(`/w/${owner.slug}/audit-log`);
  const filters = page.getByRole('group', { name: 'Filters' });
  await filters.getByLabel('Repository', { exact: true }).fill(`${login}/api`);
  await page.locator('#filter-time').click();
  await page.getByRole('button', { name: 'Last 30 days' }).click();
  await expect(page).toHaveURL(new RegExp(`\\?repository=${login}%2Fapi&from=30d$`));
  await expect(rows(page)).toHaveCount(5);
  // A line that was not submitted, and a button.
  await field(page).fill(`repo:${login}/api after:30d -ip:10.0.0.0/8`);
  await page.getByRole('button', { name: /Newest first/ }).click();
  await expect(page).toHaveURL(/repository=.*&ip=-10\.0\.0\.0%2F8&from=30d&order=oldest$/);
  await expect(rows(page)).toHaveCount(3);
  // A field that was not submitted, and a bar of the chart.
  await filters.getByLabel('IP address').fill('203.0.113.8');
  await page.locator('figure a').first().click();
  await expect(page).toHaveURL(new RegExp(`ip=203\\.0\\.113\\.8&from=${day}&to=${day}&order=oldest$`));
  await expect(rows(page)).toHaveCount(1);
  await expect(field(page)).toHaveValue(`repo:${login}/api ip:203.0.113.8 on:${day}`);
});

test('a whole group of events is chosen by one box, and named by one word', async ({ page }) => {
  await page.goto(`/w/${owner.slug}/audit-log`);
  const filters = page.getByRole('group', { name: 'Filters' });
  await filters.locator('#filter-type').click();
  await filters.getByLabel(/^Tokens/).check();
  await expect(filters.getByLabel('Token issued', { exact: true })).toBeHidden();
  await filters.getByRole('button', { name: 'Apply' }).first().click();
  await expect(field(page)).toHaveValue('type:tokens');
  await expect(rows(page)).toHaveCount(6);
});

test('a saved view opens with its filters, for its reader alone, and can be deleted', async ({ page }) => {
  await page.goto(`/w/${owner.slug}/audit-log?ip=-10.0.0.0/8&from=30d`);
  await expect(rows(page)).toHaveCount(4);
  await page.locator('summary', { hasText: 'Views' }).click();
  await page.getByLabel('Name of the view').fill('<b>outside</b>');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.locator('summary', { hasText: 'View: <b>outside</b>' })).toBeVisible();
  await page.goto(`/w/${owner.slug}/audit-log`);
  await page.locator('summary', { hasText: 'Views' }).click();
  await page.getByRole('link', { name: '<b>outside</b>' }).click();
  await expect(field(page)).toHaveValue('-ip:10.0.0.0/8 after:30d');
  await page.locator('summary', { hasText: 'View: <b>outside</b>' }).click();
  await page.getByRole('button', { name: 'Delete view <b>outside</b>' }).click();
  await expect(page.locator('summary', { hasText: /^Views/ })).toBeVisible();
});

test('j and k move through the list and o opens an event, unless single keys are off', async ({ page }) => {
  await page.goto(`/w/${owner.slug}/audit-log`);
  await page.waitForLoadState('networkidle');
  const link = (index: number) => rows(page).nth(index).getByRole('link').first();
  for (const [key, index] of [
    ['j', 0],
    ['j', 1],
    ['j', 2],
    ['k', 1],
  ] as const) {
    await page.keyboard.press(key);
    await expect(link(index)).toBeFocused();
  }
  await page.keyboard.press('o');
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(link(1)).toBeFocused();

  await page.keyboard.press('?');
  await expect(page.getByText('Go to the next or previous event of the audit log')).toBeVisible();
  await page.getByLabel('Shortcuts of a single key, in this browser').uncheck();
  await page.keyboard.press('Escape');
  await link(1).focus();
  await page.keyboard.press('j');
  // The next key is answered after this one, so the focus would have moved by now.
  await page.keyboard.press('Tab');
  await page.keyboard.press('Shift+Tab');
  await expect(link(1)).toBeFocused();
});

test('events are above the fold', { tag: '@narrow' }, async ({ page }) => {
  await page.goto(`/w/${owner.slug}/audit-log`);
  await expect(rows(page).nth(1)).toBeVisible();
  await expect(page.locator('figure')).toBeVisible();
  const { height } = page.viewportSize() ?? { height: 0 };
  const box = await rows(page).nth(1).boundingBox();
  expect((box?.y ?? height) + (box?.height ?? 0)).toBeLessThanOrEqual(height);
});
