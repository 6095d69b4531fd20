/** The checks that every page must pass, in every state and for every user. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect } from './fixtures';

const HEIGHT = 844;
const WIDE = { width: 1280, alsoFits: 1600 };
const NARROW = { width: 390, alsoFits: 360 };

/**
 * Inspects the page on a wide screen in the light theme, then on a narrow one in the dark theme, without a reload. Axe
 * must find no violations, nothing may scroll sideways, and the Tab key must reach every control.
 *
 * @param allLooks whether axe also checks the other two combinations, but only their colours, because themes change
 *   nothing else
 */
export async function inspect(page: Page, { allLooks }: { allLooks: boolean }): Promise<void> {
  await expect(page.locator('main > [data-skeleton]')).toHaveCount(0);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await showTheme(page, 'light');
  await resize(page, WIDE);
  await assertAccessible(page);
  await assertReachable(page);
  await showTheme(page, 'dark');
  if (allLooks) await assertAccessible(page, { rules: COLOUR_RULES });
  await resize(page, NARROW);
  await assertAccessible(page);
  await assertReachable(page);
  if (!allLooks) return;
  await showTheme(page, 'light');
  await assertAccessible(page, { rules: COLOUR_RULES });
}

/**
 * Switches the theme and waits until all colours have changed. During the transition, axe would see a mixture of both
 * themes.
 */
export async function showTheme(page: Page, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme });
  await page.evaluate(async () => {
    const nextFrame = () => new Promise(requestAnimationFrame);
    await nextFrame();
    await nextFrame();
    const ending = document
      .getAnimations()
      .filter(({ effect }) => Number.isFinite(Number(effect?.getComputedTiming().endTime)));
    await Promise.allSettled(ending.map(({ finished }) => finished));
  });
}

async function resize(page: Page, { width, alsoFits }: typeof WIDE): Promise<void> {
  for (const pixels of [alsoFits, width]) {
    await page.setViewportSize({ width: pixels, height: HEIGHT });
    await assertFits(page);
  }
  await enlargeText(page, '200%');
  await assertFits(page);
  await enlargeText(page, '');
}

/** Enlarges all text, and what is sized by it. */
const enlargeText = (page: Page, size: string) =>
  page.evaluate((size) => {
    document.documentElement.style.fontSize = size;
  }, size);

/** The axe rules that depend on colours. */
const COLOUR_RULES = ['color-contrast', 'link-in-text-block'];

/**
 * Expects that axe finds no violations.
 *
 * @param within a selector for the part of the page to check
 */
export async function assertAccessible(
  page: Page,
  { rules, within }: { rules?: string[]; within?: string } = {},
): Promise<void> {
  // Two settings make axe much faster. Legacy mode ignores frames (our pages have none), and results include only
  // violations. Axe leaves the size of targets (WCAG 2.5.8) to be asked for.
  const axe = new AxeBuilder({ page })
    .setLegacyMode()
    .options({ resultTypes: ['violations'], rules: { 'target-size': { enabled: true } } });
  if (rules !== undefined) axe.withRules(rules);
  if (within !== undefined) axe.include(within);
  const { violations } = await axe.analyze();
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
  expect(found, page.url()).toEqual([]);
}

/** Expects that nothing scrolls sideways once the layout has settled. */
export async function assertFits(page: Page): Promise<void> {
  await expect
    .poll(() => page.evaluate(findTooWide), { message: `${page.url()} at ${page.viewportSize()?.width} px` })
    .toEqual([]);
}

/** Returns the HTML of the innermost elements that are too wide for the page, if it scrolls sideways. Runs in the page. */
function findTooWide(): string[] {
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth <= clientWidth) return [];
  const isTooWide = (element: Element) => element.getBoundingClientRect().right > clientWidth + 1;
  const isCut = (element: Element | null): boolean =>
    element !== null && (getComputedStyle(element).overflowX !== 'visible' || isCut(element.parentElement));
  const found = [...document.body.querySelectorAll('*')].filter(
    (element) =>
      isTooWide(element) && !isCut(element.parentElement) && ![...element.children].some(isTooWide),
  );
  return [
    `${scrollWidth - clientWidth} px`,
    ...found.slice(0, 10).map(({ outerHTML }) => outerHTML.slice(0, 300)),
  ];
}

/** Expects that Tab reaches every control, and that the focus is always visible. */
async function assertReachable(page: Page): Promise<void> {
  await expect(page.locator('dialog[open]:not(:modal)')).toHaveCount(0);
  const wanted = await page.evaluate(watchFocus);
  // A date field takes four presses of Tab: day, month, year and calendar button.
  const presses = wanted.length + 4 * (await page.locator('input[type=date]').count()) + 3;
  // Send all key presses without awaiting each one, as if the key were held down.
  await Promise.all(Array.from({ length: presses }, () => page.keyboard.down('Tab')));
  await page.keyboard.up('Tab');
  const { reached, unseen } = await page.evaluate(() => window.focused);
  expect(unseen, `${page.url()}: the focus is not seen`).toEqual([]);
  expect(
    wanted.filter((_, index) => !reached.includes(index)),
    `${page.url()}: out of reach`,
  ).toEqual([]);
}

declare global {
  interface Window {
    /** The indexes of the controls that received the focus, and the HTML of those where the focus was invisible. */
    focused: { reached: number[]; unseen: string[] };
  }
}

/** Records where the focus goes. Runs in the page. Returns the controls that Tab has to reach. */
function watchFocus(): string[] {
  (document.activeElement as HTMLElement | null)?.blur();
  window.scrollTo(0, 0);
  // While a modal dialog is open, Tab must reach only the controls inside it.
  const reachable = document.querySelector('dialog:modal') ?? document;
  const controls = reachable.querySelectorAll<HTMLElement>(
    'a[href], button, input:not([type=hidden]), select, textarea, summary',
  );
  const visible = [...controls].filter(
    (element) => element.checkVisibility() && !element.matches(':disabled, [tabindex="-1"]'),
  );
  // In a group of radio buttons, Tab stops only at the checked one. Arrow keys reach the others.
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
