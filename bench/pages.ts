/** Measures the figures U1 and U2: the cost of a page in Chromium, on the production build. */
import { type Browser, chromium } from '@playwright/test';
import { ensureBrowser } from '../local/clients/browser';
import { times } from './beside';
import { startPageReplay } from './page-replay';
import { type View, viewPage } from './page-view';
import { type PagesSize, type PagesWorld, startPagesWorld } from './pages-world';
import { type BenchOptions, judge, median, type Report, spread } from './report';

const MOST_SCRIPT_KB = 150;
const PAINT_RATIO = 1.5;
const MOST_SHIFT = 0.02;
/** With five, the median of one page moved by a third from run to run. */
const ROUNDS = 9;
/**
 * Requests for each page before its first view. The empty page is viewed 80 times beside the others, so its code is
 * compiled long before theirs would be.
 */
const WARM_UP_REQUESTS = 80;

const WIDE = { width: 1280, height: 800 };
const NARROW = { width: 390, height: 844 };

const PAGES = [
  { name: 'sign-in', path: '/sign-in', signedIn: false },
  { name: 'first run', path: '/new' },
  { name: 'github, not connected', path: '/w/globex/settings/github' },
  { name: 'github, all repositories', path: '/w/acme/settings/github' },
  { name: 'github, a refusal', path: '/w/globex/settings/github?notice=not_your_installation' },
  { name: 'API keys', path: '/w/acme/settings/api-keys' },
  { name: 'API keys, none', path: '/w/globex/settings/api-keys' },
  { name: 'API keys, new', path: '/w/acme/settings/api-keys/new' },
  { name: 'API keys, one', path: '/w/acme/settings/api-keys/{key}' },
  { name: 'members', path: '/w/acme/settings/members' },
  { name: 'audit log, all events', path: '/w/acme/audit-log' },
  { name: 'audit log, one event', path: '/w/acme/audit-log?event=1' },
  { name: 'audit log, nothing found', path: '/w/acme/audit-log?q=nothing-has-this-text' },
  { name: 'audit log, compare', path: '/w/acme/audit-log/compare' },
  { name: 'trust', path: '/trust?workspace=acme' },
  { name: 'API reference', path: '/docs/api' },
  { name: 'not found', path: '/w/somebody-else/settings/github' },
];

/**
 * The empty page of the same build: the root layout with one message, for a visitor without a session, so that it reads
 * no data. Its code is in every page. A page for measurements alone would have to be part of the product.
 */
const EMPTY = { name: 'an unknown address', path: '/no-page-has-this-address', signedIn: false };

type PageToMeasure = { name: string; path: string; signedIn?: boolean };
type Round = { ours: View; empty: View };

/** Rounds for the floor of a page that missed its target. */
const FLOOR_ROUNDS = 5;

export async function measurePages({ quick, check, say }: BenchOptions): Promise<Report> {
  const size = quick ? { repositories: 500, events: 500 } : { repositories: 10_000, events: 5_000 };
  say(`preparing a workspace with ${size.repositories} repositories and ${size.events} audit events…`);
  const world = await startPagesWorld(size);
  const { executablePath, args } = await ensureBrowser();
  const browser = await chromium.launch({ executablePath, args });
  try {
    const load = loader(browser, world);
    const pages = PAGES.filter((_, index) => !quick || index % (check ? 6 : 3) === 0);
    await requestPages(world, [EMPTY, ...pages], check ? 1 : quick ? 5 : WARM_UP_REQUESTS);
    const warmUp = new Map<PageToMeasure, View[]>();
    const rounds = new Map<PageToMeasure, Round[]>();
    const add = (page: PageToMeasure, round: Round) =>
      void rounds.set(page, [...(rounds.get(page) ?? []), round]);
    // These views wait for late scripts, so their paint times aren't counted. The views of the rounds don't, so there's
    // time for more rounds.
    for (const page of [EMPTY, ...pages])
      warmUp.set(page, [await load(page, NARROW, 'networkidle'), await load(page, WIDE, 'networkidle')]);
    const count = quick ? 1 : ROUNDS;
    for (let round = 1; round <= count; round += 1) {
      say(`round ${round} of ${count}: ${pages.length} pages, each beside the empty page`);
      // Two pages share the empty page that is viewed between them. Each goes first in every second round.
      for (const pair of pairsOf(pages)) {
        const [first, second] = round % 2 === 0 ? pair.toReversed() : pair;
        const before = first && (await load(first, WIDE));
        const empty = await load(EMPTY, WIDE);
        if (first && before) add(first, { ours: before, empty });
        if (second) add(second, { ours: await load(second, WIDE), empty });
      }
    }
    const missed = pages.filter((page) => median((rounds.get(page) ?? []).map(paintRatio)) > PAINT_RATIO);
    say(`replaying ${missed.length} pages from a bare server, for their floor`);
    const replays = await replayPages(browser, world, missed, quick ? 1 : FLOOR_ROUNDS);
    return report(rounds, warmUp, replays, size);
  } finally {
    await browser.close();
    await world.close();
  }
}

/** Requests each page in turn, so that no page is measured while the server still compiles its code. */
async function requestPages(
  world: PagesWorld,
  pages: readonly PageToMeasure[],
  times: number,
): Promise<void> {
  const cookie = cookieOf(world);
  for (let time = 1; time <= times; time += 1)
    for (const page of pages) {
      const headers = page.signedIn === false ? undefined : { cookie };
      const response = await fetch(`${world.appUrl}${pathOf(page, world)}`, headers && { headers });
      await response.arrayBuffer();
      if (response.status >= 500) throw new Error(`${page.path} answered ${response.status}`);
    }
}

const cookieOf = ({ session }: PagesWorld): string =>
  session.map(({ name, value }) => `${name}=${value}`).join('; ');

const paintRatio = ({ ours, empty }: Round): number => ours.paintMs / empty.paintMs;

/**
 * Measures what the browser alone takes for these pages: a bare server answers immediately with the bytes that the app
 * had sent. Each view is beside the empty page from the same bare server, in turn. The empty page of the app would not be
 * comparable, because its paint also waits for the app.
 */
async function replayPages(
  browser: Browser,
  world: PagesWorld,
  pages: readonly PageToMeasure[],
  rounds: number,
): Promise<Map<PageToMeasure, Round[]>> {
  const replay = await startPageReplay(world.appUrl);
  try {
    const loadAgain = loader(browser, { ...world, appUrl: replay.url, session: [] });
    const cookie = cookieOf(world);
    await replay.record(EMPTY.path, '');
    await loadAgain(EMPTY, WIDE);
    const found = new Map<PageToMeasure, Round[]>();
    for (const page of pages) {
      await replay.record(pathOf(page, world), page.signedIn === false ? '' : cookie);
      await loadAgain(page, WIDE);
      for (let round = 1; round <= rounds; round += 1)
        found.set(page, [
          ...(found.get(page) ?? []),
          { ours: await loadAgain(page, WIDE), empty: await loadAgain(EMPTY, WIDE) },
        ]);
    }
    return found;
  } finally {
    await replay.close();
  }
}

const pathOf = ({ path }: PageToMeasure, { keyId }: PagesWorld): string => path.replace('{key}', keyId);

/** The last pair of an odd number of pages lacks its second page. */
const pairsOf = (pages: PageToMeasure[]): [PageToMeasure, PageToMeasure | undefined][] =>
  pages.flatMap((page, at) => (at % 2 === 0 ? [[page, pages[at + 1]]] : []));

/** @returns a function that loads a page, and throws if the server answers with an error of its own */
function loader(browser: Browser, world: PagesWorld) {
  return async (
    page: PageToMeasure,
    viewport: { width: number; height: number },
    until: 'load' | 'networkidle' = 'load',
  ): Promise<View> => {
    const view = await viewPage(browser, {
      url: `${world.appUrl}${pathOf(page, world)}`,
      viewport,
      cookies: page.signedIn === false ? [] : world.session,
      until,
    });
    if (view.status >= 500) throw new Error(`${page.path} answered ${view.status}`);
    return view;
  };
}

/** Returns the larger of two floors. A page has both parts, so it cannot be painted before either. */
function floorOf(pairs: readonly Round[], replays: readonly Round[]): number[] {
  // The ratio if only the later end of the document delayed the paint.
  const ofDocument = pairs.map(({ ours, empty }) => 1 + (ours.documentMs - empty.documentMs) / empty.paintMs);
  const ofBrowser = replays.map(paintRatio);
  return ofBrowser.length > 0 && median(ofBrowser) > median(ofDocument) ? ofBrowser : ofDocument;
}

function report(
  rounds: Map<PageToMeasure, Round[]>,
  warmUp: Map<PageToMeasure, View[]>,
  replays: Map<PageToMeasure, Round[]>,
  size: PagesSize,
): Report {
  const missed: string[] = [];
  const ms = (value: number): string => `${Math.round(value)} ms`;
  const rows = [...rounds].map(([page, pairs]) => {
    const views = [...(warmUp.get(page) ?? []), ...pairs.map(({ ours }) => ours)];
    const kilobytes = Math.max(...views.map(({ scriptBytes }) => scriptBytes)) / 1000;
    const shift = Math.max(...views.map((view) => view.shift));
    const ratios = pairs.map(paintRatio);
    const floor = floorOf(pairs, replays.get(page) ?? []);
    const paint = judge(`U2 ${page.name}: paint`, ratios, { most: PAINT_RATIO }, times, floor);
    const wrong = [
      // `!(a <= b)` instead of `a > b`: a missing figure is NaN, and must count as a missed target.
      ...(!(kilobytes <= MOST_SCRIPT_KB)
        ? [`U1 ${page.name}: ${kilobytes.toFixed(1)} kB of JavaScript, reach is ${MOST_SCRIPT_KB}`]
        : []),
      ...(paint.missed === undefined ? [] : [paint.missed]),
      ...(!(shift <= MOST_SHIFT)
        ? [`U2 ${page.name}: shifts by ${shift.toFixed(3)}, reach is ${MOST_SHIFT}`]
        : []),
    ];
    missed.push(...wrong);
    return [
      page.name,
      `${kilobytes.toFixed(1)} kB`,
      times(median(ratios)),
      spread(ratios, times),
      paint.target,
      `${ms(median(pairs.map(({ ours }) => ours.paintMs)))} beside ${ms(median(pairs.map(({ empty }) => empty.paintMs)))}`,
      `${ms(median(pairs.map(({ ours }) => ours.documentMs)))} beside ${ms(median(pairs.map(({ empty }) => empty.documentMs)))}`,
      shift.toFixed(3),
      wrong.length === 0 ? paint.reached : '**no**',
    ];
  });
  return {
    columns: [
      'page',
      'U1 JavaScript',
      'U2 LCP, ratio, median',
      'spread',
      'reach',
      'absolute',
      'document',
      'U2 CLS',
      'reached',
    ],
    rows,
    missed,
    notes: [
      `reach: JavaScript ≤ ${MOST_SCRIPT_KB} kB (1 kB = 1,000 bytes of script bodies as transferred, each URL once, until the network is idle), LCP ≤ ${times(PAINT_RATIO)} of the empty page’s, CLS ≤ ${MOST_SHIFT}`,
      `the empty page is an unknown address of the same build for a visitor without a session: the root layout and one message, no data. It is loaded after or before each page, in turn, and between two pages counts for both; each page is requested ${WARM_UP_REQUESTS} times (fewer in a quick run) and viewed twice before the ${ROUNDS} rounds that count`,
      `the large workspace has ${size.repositories} repositories and ${size.events} audit events`,
      'the floor of a page beyond its reach is the larger of two: the empty page’s LCP and how much later the document ends; and the LCP of the same bytes beside the empty page’s, both from a bare server that has them in memory',
      'as the workspace’s owner; each view in a new browser context with an empty cache; LCP at 1280 px on an unthrottled loopback; CLS the worst of all views, 390 px included',
    ],
  };
}
