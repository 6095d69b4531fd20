/** Loads a page in Chromium with an empty cache, as on a first visit, and measures it. */
import type { Browser, BrowserContext, Page, Request } from '@playwright/test';

export interface View {
  /** The bodies of all scripts as transferred, each URL once. */
  scriptBytes: number;
  /** Milliseconds from navigation to the largest contentful paint. */
  paintMs: number;
  /** Milliseconds from navigation to the end of the document's response. */
  documentMs: number;
  /** The sum of all layout shifts, which is an upper bound for CLS. */
  shift: number;
  status: number;
}

export interface ViewOptions {
  url: string;
  viewport: { width: number; height: number };
  cookies?: { name: string; value: string; url: string }[];
  /** `networkidle` also counts scripts that load later, but waits for half a second without any request. */
  until: 'load' | 'networkidle';
}

export async function viewPage(
  browser: Browser,
  { url, viewport, cookies = [], until }: ViewOptions,
): Promise<View> {
  const context = await browser.newContext({ viewport });
  try {
    await context.addCookies(cookies);
    return await view(context, url, until);
  } finally {
    await context.close();
  }
}

async function view(context: BrowserContext, url: string, until: ViewOptions['until']): Promise<View> {
  const page = await context.newPage();
  const scripts = new Map<string, Promise<number>>();
  const weigh = (request: Request): void => {
    if (request.resourceType() !== 'script' || scripts.has(request.url())) return;
    scripts.set(
      request.url(),
      request.sizes().then(({ responseBodySize }) => responseBodySize),
    );
  };
  page.on('requestfinished', weigh);
  const response = await page.goto(url, { waitUntil: until });
  // Stop counting here, because the page will close before the size of any later request is known.
  page.off('requestfinished', weigh);
  const sizes = await Promise.all(scripts.values());
  return {
    scriptBytes: sizes.reduce((sum, size) => sum + size, 0),
    status: response?.status() ?? 0,
    ...(await vitals(page)),
  };
}

/** How long nothing larger may be painted before the largest paint counts. Hydration can paint after the load event. */
const QUIET_MS = 250;
const PAINT_TIMEOUT_MS = 10_000;

type Vitals = Pick<View, 'paintMs' | 'documentMs' | 'shift'>;

/** @returns a `paintMs` of NaN if nothing was painted in time */
function vitals(page: Page): Promise<Vitals> {
  // No function in it may have a name: tsx would call its own `__name`, which the page does not have.
  return page.evaluate(
    ({ quietMs, timeoutMs }) =>
      new Promise<Vitals>((resolve) => {
        let paintMs = Number.NaN;
        let shift = 0;
        const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
        const documentMs = navigation?.responseEnd ?? Number.NaN;
        let timer = setTimeout(() => resolve({ paintMs, shift, documentMs }), timeoutMs);
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries())
            shift += (entry as PerformanceEntry & { value: number }).value;
        }).observe({ type: 'layout-shift', buffered: true });
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) paintMs = entry.startTime;
          clearTimeout(timer);
          timer = setTimeout(() => resolve({ paintMs, shift, documentMs }), quietMs);
        }).observe({ type: 'largest-contentful-paint', buffered: true });
      }),
    { quietMs: QUIET_MS, timeoutMs: PAINT_TIMEOUT_MS },
  );
}
