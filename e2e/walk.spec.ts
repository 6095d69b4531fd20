/** Every page as every role, at this width, in both themes, by eye (axe) and by keyboard alone. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures';
import { addInstallation, asDatabaseOwner, unusedId, workspaceId } from './installations';
import { newMember, newOwner, type Person, signInAs } from './people';

const ROLES = ['owner', 'admin', 'member', 'outsider'] as const;
let people: Record<(typeof ROLES)[number], Person>;
let slug: string;

test.beforeAll(async () => {
  const owner = await newOwner('Acme');
  slug = owner.slug;
  const [admin, member, outsider] = await Promise.all([
    newMember(slug, 'admin'),
    newMember(slug, 'member'),
    newOwner('Globex'),
  ]);
  people = { owner, admin, member, outsider };
  await asDatabaseOwner(async (db) => {
    const workspace = await workspaceId(db, slug);
    const base = unusedId();
    await addInstallation(db, workspace, { id: base, login: 'acme' });
    await addInstallation(db, workspace, { id: base + 1, login: 'acme-labs', status: 'suspended' });
    await addInstallation(db, workspace, { id: base + 2, login: 'acme-old', status: 'deleted' });
    await db.query(
      `INSERT INTO repositories (id, installation_id, owner, name, clone_url, default_branch, private)
        SELECT $1::bigint + n, $1::bigint, 'acme', 'r' || n, 'https://github.example/acme/r.git', 'main', n % 2 = 0
        FROM generate_series(1, 3) AS n`,
      [base],
    );
  });
});

const PATHS = [
  '/settings/github',
  '/settings/api-keys',
  '/settings/api-keys/new',
  '/settings/members',
  '/audit-log',
  '/audit-log/compare',
];

async function assertAccessible(page: Page, rules?: string[]): Promise<void> {
  const axe = new AxeBuilder({ page });
  const { violations } = await (rules === undefined ? axe : axe.withRules(rules)).analyze();
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
  expect(found, page.url()).toEqual([]);
}

/** Tab reaches everything that can be pressed or filled in, and one sees where one is. */
async function assertReachable(page: Page): Promise<void> {
  await page.evaluate(() => {
    (document.activeElement as HTMLElement | null)?.blur();
    window.scrollTo(0, 0);
  });
  const wanted = await page.evaluate(() => {
    const controls = document.querySelectorAll<HTMLElement>(
      'a[href], button, input:not([type=hidden]), select, textarea, summary',
    );
    const visible = [...controls].filter(
      (element) => element.checkVisibility() && !element.matches(':disabled'),
    );
    // Of radio buttons one has the focus, and the arrow keys go to the others.
    const stops = visible.filter((element) => !element.matches('input[type=radio]:not(:checked)'));
    for (const [index, element] of stops.entries()) element.dataset.stop = String(index);
    return stops.map((element) => element.outerHTML.slice(0, 120));
  });
  const reached = new Set<number>();
  for (let presses = 0; presses < wanted.length + 3; presses++) {
    await page.keyboard.press('Tab');
    const stop = await page.evaluate(() => {
      const { activeElement } = document;
      if (!(activeElement instanceof HTMLElement || activeElement instanceof SVGElement)) return null;
      const { outlineStyle, boxShadow } = getComputedStyle(activeElement);
      const seen = outlineStyle !== 'none' || boxShadow !== 'none';
      return { stop: activeElement.dataset.stop, seen, html: activeElement.outerHTML.slice(0, 120) };
    });
    if (stop?.stop === undefined) continue;
    expect(stop.seen, `the focus is seen on ${stop.html}`).toBe(true);
    reached.add(Number(stop.stop));
  }
  expect(
    wanted.filter((_, index) => !reached.has(index)),
    page.url(),
  ).toEqual([]);
}

for (const role of ROLES)
  test(`${role}: axe finds nothing on any page in either theme, and nothing scrolls sideways`, async ({
    page,
    context,
    complaints,
  }) => {
    await signInAs(context, people[role]);
    const refusals = new Set<number>();
    for (const path of PATHS) {
      await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
      const status = (await page.goto(`/w/${slug}${path}`))?.status() ?? 0;
      // A browser logs a page's own 403 and 404 as an error.
      if (status >= 400) complaints.length = 0;
      // What is refused looks the same wherever it is.
      if (refusals.has(status)) continue;
      if (status >= 400) refusals.add(status);
      await assertAccessible(page);
      await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
      await assertAccessible(page, ['color-contrast']);
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow, path).toBeLessThanOrEqual(0);
    }
    expect([...refusals]).toEqual({ owner: [], admin: [], member: [403], outsider: [404] }[role]);
  });

test('by keyboard alone: Tab reaches all that can be pressed on every page, and shows where it is', async ({
  page,
  context,
}) => {
  await signInAs(context, people.admin);
  for (const path of PATHS) {
    await page.goto(`/w/${slug}${path}`);
    await assertReachable(page);
  }
  await page.goto(`/trust?workspace=${slug}`);
  await assertReachable(page);
  await context.clearCookies();
  await page.goto('/sign-in');
  await assertReachable(page);
});
