/** Long work on a long log: how far it is, how it is stopped, and what a reader gets when it breaks. */
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures';
import { addEvents, whileHeld } from './held-log';
import { newOwner, type Person, signInAs } from './people';

const EVENTS = 9_000;
/** Amid the fifth batch that is read, and the ninth: further than one step of a verification reads ahead. */
const HELD = 4_500;
const FURTHER = 8_500;

let owner: Person;
test.beforeAll(async () => {
  owner = await newOwner('Acme');
  await addEvents(owner.slug, EVENTS);
});
test.beforeEach(({ context }) => signInAs(context, owner));

const log = () => `/w/${owner.slug}/audit-log`;

/** Each export is an event, so the log grows from test to test. */
async function countEvents(page: Page): Promise<number> {
  const answer = await page.request.get(`/api/v1/workspaces/${owner.slug}/audit-events?limit=1`);
  return (await answer.json()).data[0].seq;
}

test('verify tells how far it is, and then the result', async ({ page }) => {
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
  test(`verify, begun by ${how}, stops when the reader has gone`, async ({ page }) => {
    await page.goto(log());
    await whileHeld({ slug: owner.slug, seqs: [HELD, FURTHER], how: 'wait' }, async (hold) => {
      if (how === 'a link') await page.getByRole('link', { name: 'Verify' }).click();
      else await page.goto(`${log()}?verify=1`, { waitUntil: 'commit' });
      await hold.waitUntilReached(HELD);
      await page.goto('about:blank');
      await hold.release(HELD);
      expect(await hold.isReachedInTheEnd(FURTHER)).toBe(false);
    });
  });
