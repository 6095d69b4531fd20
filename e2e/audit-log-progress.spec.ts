/** Covers verification and export of a long log: progress, cancellation and failure. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from '@playwright/test';
import { admin, expect, test } from './fixtures';
import { addEvents, type Hold, whileHeld } from './held-log';
import { asDatabaseOwner } from './installations';
import { newMember, newOwner, type Person, signInAs } from './people';

const EVENTS = 9_000;
/**
 * The events at which the test can block the database. The app reads batches of 1,000 events. A verification reads
 * batches five and six in one step: the first event is in one, the second in the other. The third event is in batch
 * nine, which that step doesn't reach.
 */
const HELD = 4_500;
const BETWEEN = 5_500;
const FURTHER = 8_500;

let owner: Person;
test.beforeAll(async () => {
  owner = await newOwner('Acme');
  await addEvents(owner.slug, EVENTS);
});
test.beforeEach(({ context }) => signInAs(context, owner));

const log = () => `/w/${owner.slug}/audit-log`;

/**
 * Returns the current number of events in the log. It grows during a test, because each export is logged as an event.
 */
async function countEvents(page: Page): Promise<number> {
  const answer = await page.request.get(`/api/v1/workspaces/${owner.slug}/audit-events?limit=1`);
  return (await answer.json()).data[0].seq;
}

async function startExport(page: Page, format: 'CSV' | 'NDJSON'): Promise<void> {
  await page.locator('summary', { hasText: 'Export' }).click();
  await page.getByRole('link', { name: new RegExp(`^${format}`) }).click();
}

/**
 * True if the server keeps reading the log after its client has disconnected; false if it stops. Gives the server some
 * seconds to notice.
 */
async function readsOn(hold: Hold): Promise<boolean> {
  await hold.release(HELD);
  if (!(await hold.isReachedInTheEnd(BETWEEN))) return false;
  await sleep(6_000);
  await hold.release(BETWEEN);
  return hold.isReachedInTheEnd(FURTHER);
}

/** Fails the test if the browser downloads a file. */
function failOnDownload(page: Page): void {
  page.on('download', () => {
    throw new Error('a part of a log was saved');
  });
}

test('a verification shows its progress and then the result', async ({ page }) => {
  await page.goto(log());
  const count = (await countEvents(page)).toLocaleString('en');
  await whileHeld({ slug: owner.slug, seqs: [HELD], how: 'wait' }, async (hold) => {
    await page.getByRole('link', { name: 'Verify' }).click();
    await hold.waitUntilReached(HELD);
    const bar = page.getByRole('progressbar', { name: 'Events verified' });
    await expect(bar).toHaveAttribute('value', '4000');
    await expect(page.getByText(`4,000 of ${count} events`)).toBeVisible();
    await hold.release(HELD);
    await expect(page.getByText(`${count} events, chain intact`)).toBeVisible();
    await expect(bar).toHaveCount(0);
  });
});

for (const how of ['a link', 'its address'] as const)
  test(`a verification started by ${how} stops when the reader disconnects`, async ({ page }) => {
    // A workspace has one verification at a time, and that of the test before may still be ending.
    await expect(async () => {
      await page.goto(`${log()}?verify=1`);
      await expect(page.getByText('events, chain intact')).toBeVisible({ timeout: 10_000 });
    }).toPass();
    await page.goto(log());
    await whileHeld({ slug: owner.slug, seqs: [HELD, BETWEEN, FURTHER], how: 'wait' }, async (hold) => {
      if (how === 'a link') await page.getByRole('link', { name: 'Verify' }).click();
      else await page.goto(`${log()}?verify=1`, { waitUntil: 'commit' });
      await hold.waitUntilReached(HELD);
      await page.goto('about:blank');
      expect(await readsOn(hold)).toBe(false);
    });
  });

for (const format of ['NDJSON', 'CSV'] as const)
  test(`an export as ${format} shows its progress and saves every event`, async ({ page }) => {
    await page.goto(log());
    const before = (await countEvents(page)).toLocaleString('en');
    await whileHeld({ slug: owner.slug, seqs: [HELD], how: 'wait' }, async (hold) => {
      await startExport(page, format);
      await hold.waitUntilReached(HELD);
      const status = page.getByRole('group', { name: 'Export' });
      await expect(status.getByText(new RegExp(`^[2-4],\\d{3} of ${before} events$`))).toBeVisible();
      await expect(status.getByRole('status')).toHaveText(/^Exporting: 25 percent$/);
      await expect(page.locator('summary', { hasText: 'Export' })).toBeFocused();
      const [download] = await Promise.all([page.waitForEvent('download'), hold.release(HELD)]);
      const file = `audit-${owner.slug}.${format.toLowerCase()}`;
      const after = await countEvents(page);
      await expect(status.getByRole('status')).toHaveText(
        `Exported. ${after.toLocaleString('en')} events saved as ${file}`,
      );
      expect(download.suggestedFilename()).toBe(file);
      const verified = await admin(['audit:verify', '--file', await download.path()]);
      expect(verified).toMatchObject({ ok: true, events: after });
      await status.getByRole('button', { name: 'Dismiss' }).click();
      await expect(status).toHaveCount(0);
    });
  });

test('a filtered export is started by keyboard and tells how many events it saved', async ({ page }) => {
  await page.goto(`${log()}?type=workspace.created`);
  const menu = page.locator('summary', { hasText: 'Export' });
  await expect(menu).toBeVisible();
  await menu.focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
  expect(download.suggestedFilename()).toMatch(/\.csv$/);
  await expect(page.getByText(/^1 event saved as/)).toBeVisible();
});

test('a cancelled export saves nothing, and the server stops reading', async ({ page }) => {
  failOnDownload(page);
  await page.goto(log());
  await whileHeld({ slug: owner.slug, seqs: [HELD, BETWEEN, FURTHER], how: 'wait' }, async (hold) => {
    await startExport(page, 'NDJSON');
    await hold.waitUntilReached(HELD);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await expect(page.getByText('Export cancelled', { exact: true })).toBeVisible();
    await expect(page.getByRole('button', { name: 'Dismiss' })).toBeFocused();
    expect(await readsOn(hold)).toBe(false);
  });
  await page.keyboard.press('Enter');
  await expect(page.locator('summary', { hasText: 'Export' })).toBeFocused();
});

test('an export that breaks midway is not saved and can be retried', async ({ page, complaints }) => {
  await page.goto(log());
  await whileHeld({ slug: owner.slug, seqs: [HELD], how: 'fail' }, async () => {
    const saved: unknown[] = [];
    page.on('download', (download) => saved.push(download));
    await startExport(page, 'NDJSON');
    await expect(page.getByText('The connection broke', { exact: true })).toBeVisible();
    expect(saved).toEqual([]);
  });
  await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Try again' }).click()]);
  // The browser has logged the lost connection. Discard this expected complaint.
  await page.goto('about:blank');
  complaints.length = 0;
});

test('a refused export says why and what to do', async ({ page, context, complaints }) => {
  failOnDownload(page);
  const admins = await newMember(owner.slug, 'admin');
  await signInAs(context, admins);
  await page.goto(log());
  await asDatabaseOwner((db) =>
    db.query(`UPDATE memberships SET role = 'member' WHERE user_id = $1`, [admins.id]),
  );
  await startExport(page, 'CSV');
  await expect(page.getByText('Only admins can export', { exact: true })).toBeVisible();
  await context.clearCookies();
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByText('You are signed out', { exact: true })).toBeVisible();
  // The browser has logged both refusals. Discard these expected complaints.
  await page.goto('about:blank');
  complaints.length = 0;
});
