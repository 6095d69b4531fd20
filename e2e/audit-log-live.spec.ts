/**
 * Covers the parts of the audit log that need a script: new events, relative times, selecting days in the chart, errors
 * and a lost network.
 */
import { expect, test, unique } from './fixtures';
import { addApiKey, asDatabaseOwner, workspaceId } from './installations';
import { newApiKey, newOwner, olderThan, type Person, signInAs } from './people';

const DAY_MS = 86_400_000;

let owner: Person;
test.beforeEach(async ({ context }) => {
  owner = await newOwner('Acme');
  await signInAs(context, owner);
});

const makeEvent = () => newApiKey(owner.slug, unique('engine'));

test('new events are announced and shown on request, and a hidden tab sends no requests', async ({
  page,
}) => {
  const now = Date.now();
  await page.clock.install({ time: now });
  const asked: string[] = [];
  page.on('request', (request) => {
    if (request.url().includes('/audit-events')) asked.push(request.url());
  });
  await page.goto(`/w/${owner.slug}/audit-log`);
  await expect(page.getByRole('link', { name: 'Workspace created' })).toBeVisible();
  await expect(page.locator('figure figcaption')).toBeVisible();

  await page.evaluate(() =>
    Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true }),
  );
  // All requests have completed, and from here on only the test advances the clock.
  await page.waitForLoadState('networkidle');
  await page.clock.pauseAt(now + 3_600_000);
  asked.length = 0;
  await makeEvent();
  await page.clock.fastForward(60_000);
  expect(asked).toEqual([]);

  await page.evaluate(() => {
    Object.defineProperty(document, 'visibilityState', { value: 'visible', configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  const link = page.getByRole('link', { name: '1 new event', exact: true });
  await expect(link).toBeVisible();
  // The visible page must have polled exactly once, without moving its rows.
  expect(asked).toHaveLength(1);
  await expect(page.getByRole('link', { name: 'API key created' })).toHaveCount(0);
  await page.clock.resume();
  await link.click();
  await expect(page.locator('tbody tr')).toHaveCount(2);
  await expect(link).toHaveCount(0);
});

test('relative times stay up to date on every page while the tab is visible', async ({ page }) => {
  await makeEvent();
  await page.clock.install();
  await page.goto(`/w/${owner.slug}/audit-log?cursor=${olderThan(2)}`);
  const time = page.getByRole('row').filter({ hasText: 'Workspace created' }).locator('time');
  await expect(time).toBeVisible();
  // By the time the network is idle, the page is hydrated, so its timers react when the test advances the clock.
  await page.waitForLoadState('networkidle');
  await page.clock.fastForward('02:00:00');
  await expect(time).toHaveText('2 hours ago');
  await page.evaluate(() =>
    Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true }),
  );
  await page.clock.fastForward('03:00:00');
  await expect(time).toHaveText('2 hours ago');
  await page.evaluate(() => {
    Object.defineProperty(document, 'visibilityState', { value: 'visible', configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  await expect(time).toHaveText('5 hours ago');
});

test('times become relative again immediately after that choice', async ({ page }) => {
  await page.clock.install();
  await page.goto(`/w/${owner.slug}/audit-log`);
  const time = page.getByRole('row').filter({ hasText: 'Workspace created' }).locator('time');
  await page.getByRole('button', { name: 'UTC', exact: true }).click();
  await expect(time).toHaveText(/UTC$/);
  // From here on, only the test advances the clock.
  await page.clock.pauseAt(Date.now() + 3_600_000);
  await page.getByRole('button', { name: 'relative', exact: true }).click();
  await expect(page.getByRole('button', { name: 'relative', exact: true })).toHaveAttribute(
    'aria-pressed',
    'true',
  );
  await page.clock.runFor(1_000);
  await expect(time).toHaveText('1 hour ago');
});

test.describe('in Tokyo', () => {
  test.use({ timezoneId: 'Asia/Tokyo' });

  test('times are relative, in UTC or in the reader’s time zone, and the next page keeps the choice', async ({
    page,
  }) => {
    await makeEvent();
    await page.goto(`/w/${owner.slug}/audit-log`);
    const time = page.getByRole('row').filter({ hasText: 'Workspace created' }).locator('time');
    await expect(time).toHaveText(/ago|just now/);
    const instant = Date.parse((await time.getAttribute('datetime')) ?? '');
    const clock = (ms: number) => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
    const utc = `${clock(instant)} UTC`;
    const tokyo = `${clock(instant + 9 * 3_600_000)} GMT+9`;
    const choose = (name: string) => page.getByRole('button', { name, exact: true });

    await choose('UTC').click();
    await expect(time).toHaveText(utc);
    await page.reload();
    await expect(time).toHaveText(utc);
    await expect(choose('UTC')).toHaveAttribute('aria-pressed', 'true');

    await choose('local').click();
    await expect(time).toHaveText(tokyo);
    // Content loaded later must use the same format. Check the drawer of an event, and another page of the list.
    await page.locator('#event-1').click();
    await expect(page.getByRole('dialog').getByText(tokyo)).toBeVisible();
    await page.goto(`/w/${owner.slug}/audit-log?cursor=${olderThan(2)}`);
    await expect(time).toHaveText(tokyo);

    await choose('relative').click();
    await expect(time).toHaveText(/ago|just now/);

    // A day that is typed begins at midnight in Tokyo, and means the same after another search in the same field.
    const field = page.getByLabel('Search the audit log');
    await page.goto(`/w/${owner.slug}/audit-log`);
    for (const text of ['after:2026-01-01', 'after:2026-01-01 created']) {
      await field.fill(text);
      await field.press('Enter');
      await expect(page).toHaveURL(/from=2026-01-01&.*zone=Asia%2FTokyo/);
      await expect(field).toHaveValue(text);
    }
    // A link without a zone is in UTC, and stays so.
    await page.goto(`/w/${owner.slug}/audit-log?from=2026-01-01`);
    await field.fill('after:2026-01-02');
    await field.press('Enter');
    await expect(page).toHaveURL(/audit-log\?from=2026-01-02$/);
  });
});

test('dragging or the keyboard selects several days in the chart', async ({ page }) => {
  await asDatabaseOwner(async (db) => {
    const workspace = await workspaceId(db, owner.slug);
    await db.query(
      `INSERT INTO audit_events (workspace_id, type, actor_type, actor_id, actor_label, request_id, details)
        SELECT $1, 'github.token_minted', 'api_key', $2, 'engine', 'r', '{}' FROM generate_series(1, 3)`,
      [workspace, await addApiKey(db, workspace, 'engine')],
    );
  });
  await page.goto(`/w/${owner.slug}/audit-log`);
  const chart = page.locator('figure svg');
  const newest = page.locator('figure a').last();
  await expect(newest).toBeAttached();
  // Read the last day from the chart. It may not be the day on which the test started, if midnight has passed.
  const last = ((await newest.getAttribute('aria-label')) ?? '').slice(0, 10);
  const daysBefore = (days: number) => new Date(Date.parse(last) - days * DAY_MS).toISOString().slice(0, 10);
  // The chart is streamed in after the page, and has no size until it is visible.
  await expect(chart).toBeVisible();
  const box = await chart.boundingBox();
  if (box === null) throw new Error('no chart');
  const middleOf = (day: number) => box.x + ((day + 0.5) / 30) * box.width;
  // Retry, because the script that follows the pointer is loaded when the pointer comes near.
  await expect(async () => {
    await page.mouse.move(middleOf(20), box.y + 10);
    await page.mouse.down();
    await page.mouse.move(middleOf(24), box.y + 10, { steps: 8 });
    await page.mouse.move(middleOf(27), box.y + 10, { steps: 8 });
    await page.mouse.up();
    await expect(page).toHaveURL(new RegExp(`from=${daysBefore(9)}&to=${daysBefore(2)}`), { timeout: 2_000 });
  }).toPass();
  await expect(page.getByText('No event matches')).toBeVisible();

  await page.goto(`/w/${owner.slug}/audit-log`);
  const bar = page.locator('figure a').last();
  // The bar is streamed in after the page, and can't be focused until it is visible.
  await expect(bar).toBeVisible();
  const day = ((await bar.getAttribute('aria-label')) ?? '').slice(0, 10);
  const twoBefore = new Date(Date.parse(day) - 2 * DAY_MS).toISOString().slice(0, 10);
  await bar.focus();
  // Retry the first key, because the script that answers it is loaded with the focus.
  const chosen = page.getByText('Enter shows these days');
  await expect(async () => {
    await page.keyboard.press('Shift+ArrowLeft');
    await expect(chosen).toHaveCount(1, { timeout: 1_000 });
  }).toPass();
  await page.keyboard.press('Shift+ArrowLeft');
  await expect(page.getByText(`${twoBefore} to ${day}: Enter shows these days`)).toHaveCount(1);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(new RegExp(`from=${twoBefore}&to=${day}`));
  await expect(page.locator('tbody tr')).toHaveCount(4);
});

test('the page says that the network is gone, and its links do nothing until it is back', async ({
  page,
  context,
  complaints,
}) => {
  await page.goto(`/w/${owner.slug}/audit-log`);
  await expect(page.getByRole('link', { name: 'Workspace created' })).toBeVisible();
  await context.setOffline(true);
  const notice = page.getByText('You’re offline');
  await expect(notice).toBeVisible();
  await page.getByRole('link', { name: 'Members' }).click();
  await expect(page).toHaveURL(/audit-log/);
  await context.setOffline(false);
  await expect(notice).toHaveCount(0);
  await page.getByRole('link', { name: 'Members' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Members');
  // The browser has logged the requests that failed while offline. Discard these expected complaints.
  await page.goto('about:blank');
  complaints.splice(
    0,
    complaints.length,
    ...complaints.filter((text) => !text.includes('ERR_INTERNET_DISCONNECTED')),
  );
});

test('an error after a client navigation names the request that failed', async ({ page, complaints }) => {
  // A click before the script runs would load a whole document.
  await page.goto(`/w/${owner.slug}/settings/members`, { waitUntil: 'networkidle' });
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Members');
  const first = await page.locator('meta[name=request-id]').getAttribute('content');
  // Rename the table, so that every query of the audit log fails.
  await asDatabaseOwner((db) => db.query('ALTER TABLE audit_events RENAME TO audit_events_away'));
  try {
    const [answer] = await Promise.all([
      page.waitForResponse((response) => response.url().includes('/audit-log')),
      page.getByRole('link', { name: 'Audit log' }).click(),
    ]);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Something went wrong on our side');
    const failed = answer.headers()['x-request-id'] ?? 'none';
    expect(failed).not.toBe(first);
    await expect(page.getByText(`Request id: ${failed}`)).toBeVisible();
  } finally {
    await asDatabaseOwner((db) => db.query('ALTER TABLE audit_events_away RENAME TO audit_events'));
  }
  // The browser has logged the failure. Discard these expected complaints.
  await page.goto('about:blank');
  complaints.length = 0;
});
