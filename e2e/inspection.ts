/** What must hold for every page in every state, whoever looks. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect } from './fixtures';

const HEIGHT = 844;
const WIDE = { width: 1280, alsoFits: 1600 };
const NARROW = { width: 390, alsoFits: 360 };

/**
 * Wide in one theme and narrow in the other, without a reload between them: axe finds nothing, nothing scrolls sideways,
 * the Tab key reaches everything. `inEveryPair` looks at each width in each theme.
 */
export async function inspect(page: Page, { inEveryPair }: { inEveryPair: boolean }): Promise<void> {
  await show(page, WIDE, 'light');
  await assertAccessible(page);
  await assertReachable(page);
  if (inEveryPair) {
    await show(page, WIDE, 'dark');
    await assertAccessible(page);
    await show(page, NARROW, 'light');
    await assertAccessible(page);
  }
  await show(page, NARROW, 'dark');
  await assertAccessible(page);
  if (inEveryPair) await assertReachable(page);
}

async function show(
  page: Page,
  { width, alsoFits }: typeof WIDE,
  colorScheme: 'light' | 'dark',
): Promise<void> {
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  for (const pixels of [alsoFits, width]) {
    await page.setViewportSize({ width: pixels, height: HEIGHT });
    await assertFits(page);
  }
}

async function assertAccessible(page: Page): Promise<void> {
  // Our pages have no frames: without looking for them it takes a fraction of the time.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
  expect(found, page.url()).toEqual([]);
}

/** Nothing scrolls sideways, once the page has settled at its width. */
async function assertFits(page: Page): Promise<void> {
  const overflow = () =>
    page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  await expect
    .poll(overflow, { message: `${page.url()} at ${page.viewportSize()?.width} px` })
    .toBeLessThanOrEqual(0);
}

/** Tab reaches everything that can be pressed or filled in, and one sees where one is. */
async function assertReachable(page: Page): Promise<void> {
  await expect(page.locator('dialog[open]:not(:modal)')).toHaveCount(0);
  const wanted = await page.evaluate(watchFocus);
  // A date has a stop for its day, its month, its year and its calendar.
  const presses = wanted.length + 4 * (await page.locator('input[type=date]').count()) + 3;
  for (let press = 0; press < presses; press++) await page.keyboard.press('Tab');
  const { reached, unseen } = await page.evaluate(() => window.focused);
  expect(unseen, `${page.url()}: the focus is not seen`).toEqual([]);
  expect(
    wanted.filter((_, index) => !reached.includes(index)),
    `${page.url()}: out of reach`,
  ).toEqual([]);
}

declare global {
  interface Window {
    /** Numbers of the controls that had the focus, and those on which one does not see it. */
    focused: { reached: number[]; unseen: string[] };
  }
}

/** Runs in the page. @returns what there is to be reached */
function watchFocus(): string[] {
  (document.activeElement as HTMLElement | null)?.blur();
  window.scrollTo(0, 0);
  // While a modal dialog is open, the page behind it is out of reach on purpose.
  const reachable = document.querySelector('dialog:modal') ?? document;
  const controls = reachable.querySelectorAll<HTMLElement>(
    'a[href], button, input:not([type=hidden]), select, textarea, summary',
  );
  const visible = [...controls].filter(
    (element) => element.checkVisibility() && !element.matches(':disabled, [tabindex="-1"]'),
  );
  // Of radio buttons one has the focus, and the arrow keys go to the others.
  const stops = visible.filter((element) => !element.matches('input[type=radio]:not(:checked)'));
  const focused: Window['focused'] = { reached: [], unseen: [] };
  window.focused = focused;
  document.addEventListener('focusin', ({ target }) => {
    if (!(target instanceof HTMLElement || target instanceof SVGElement)) return;
    const stop = stops.indexOf(target as HTMLElement);
    if (stop === -1) return;
    focused.reached.push(stop);
    const { outlineStyle, boxShadow } = getComputedStyle(target);
    if (outlineStyle === 'none' && boxShadow === 'none') focused.unseen.push(target.outerHTML.slice(0, 120));
  });
  return stops.map((element) => element.outerHTML.slice(0, 120));
}
