import { z } from 'zod';
import { onePerProcess, sharedAnswer, waitAtMost } from '../async';
import { getConfig } from '../config';
import type { GitHubCause } from '../contract/github-causes';
import { log } from '../observability/log';
import { appNames, learnAppNames } from './app';
import { callGitHub, unexpectedAnswer } from './client';
import { GitHubError } from './errors';
import { PER_PAGE, readPages } from './pages';

/** The App as GitHub returns it. */
export type AppInfo = {
  id: number;
  slug: string;
  /** Missing on older GitHub Enterprise Servers. */
  clientId?: string | undefined;
  /** The App's public page. Its path differs between GitHub Enterprise Server and github.com. */
  htmlUrl: string;
  permissions: Record<string, string>;
  events: string[];
};

const Answer = z.object({
  id: z.int(),
  /** Optional in GitHub's OpenAPI description. */
  slug: z.string().optional(),
  client_id: z.string().optional(),
  html_url: z.string(),
  permissions: z.record(z.string(), z.string()).default({}),
  events: z.array(z.string()).default([]),
});

/**
 * Reads the App's registration from GitHub: its ids, page, permissions and events.
 *
 * @throws {GitHubError} `unauthorized` if GitHub does not accept our client id or key
 */
export async function getAppInfo(): Promise<AppInfo> {
  const { data, status } = await callGitHub({ as: 'app' }, 'GET /app', {});
  const parsed = Answer.safeParse(data);
  if (!parsed.success) throw unexpectedAnswer('GET /app', status);
  const { html_url: htmlUrl, client_id: clientId, slug, ...app } = parsed.data;
  return { ...app, slug: slug ?? getConfig().github.appSlug, htmlUrl, clientId };
}

/**
 * The App that our credentials belong to, according to GitHub.
 *
 * - `ours`: the App with the id `GITHUB_APP_ID`.
 * - `not_ours`: another App, or no App at all.
 * - `unknown`: the response is inconclusive, and might not even come from GitHub.
 */
type Identity = 'ours' | 'not_ours' | 'unknown';

/** Rejections that prove that the client id or key isn't our App's. */
const NOT_OURS: ReadonlySet<GitHubCause> = new Set([
  'app_unknown',
  'app_key_refused',
  'app_credentials_refused',
]);
/** Kinds of rejection that leave open which App GitHub takes us for. A 404 for an installation then proves nothing. */
const INCONCLUSIVE_KINDS: ReadonlySet<string> = new Set([
  'unexpected',
  'unauthorized',
  'forbidden',
  'blocked',
]);
/** Statuses from a server that isn't GitHub, or that implements only part of GitHub's API. */
const INCONCLUSIVE_STATUSES: ReadonlySet<number | null> = new Set([404, 501]);

/**
 * Asks GitHub which App our credentials belong to.
 *
 * Call this before acting on a 404 for an installation, and trust that 404 only if the result is `ours`. With another
 * App's credentials, a wrong base URL or an incomplete gateway, every installation looks uninstalled.
 *
 * @throws {GitHubError} `unavailable`, `rate_limited`
 */
export async function identifyApp(): Promise<Identity> {
  try {
    const app = await getAppInfo();
    return app.id === getConfig().github.appId && learnAppNames(app) ? 'ours' : 'not_ours';
  } catch (error) {
    if (!(error instanceof GitHubError)) throw error;
    if (NOT_OURS.has(error.reason)) return 'not_ours';
    if (INCONCLUSIVE_STATUSES.has(error.status) || INCONCLUSIVE_KINDS.has(error.kind)) return 'unknown';
    throw error;
  }
}

const asking = onePerProcess<{ pending?: Promise<Identity>; next?: Promise<Identity> }>(
  'app identity',
  () => ({}),
);

/** How long a request waits for the one before it, in case that one hangs. */
const MOST_WAIT_MS = 250;

/**
 * Like {@link identifyApp}, but shares one request among the callers of a burst. A caller never gets the answer to a
 * request that was sent before the call, because a 404 counts only if GitHub recognises our App afterwards (ADR 0009).
 * So callers that arrive while a request is pending wait for its end, and then share the next one.
 */
function identifyAppNow(): Promise<Identity> {
  const shared = asking();
  const { pending } = shared;
  const ask = () => {
    delete shared.next;
    const answer = identifyApp();
    const settle = () => {
      if (shared.pending === answer) delete shared.pending;
    };
    shared.pending = answer;
    answer.then(settle, settle);
    return answer;
  };
  if (pending === undefined) return ask();
  const settled = pending.then(
    () => {},
    () => {},
  );
  shared.next ??= waitAtMost(settled, MOST_WAIT_MS).then(ask);
  return shared.next;
}

/**
 * The App's page hardly ever moves, so we cache its URL for an hour. If the App's slug changes, links can be wrong for
 * that long.
 */
const PAGE_TIMES = { freshMs: 3_600_000, retryMs: 5000, patienceMs: 15_000 };

const askPageUrl = onePerProcess('app page', () =>
  sharedAnswer(async () => {
    const url = appPageUrl(getConfig().github.webUrl, (await getAppInfo()).htmlUrl);
    if (url === undefined) throw new Error('GitHub names no page of an App');
    return url;
  }, PAGE_TIMES),
);

/**
 * Returns the page where users install the App: `/apps/SLUG` on github.com, `/github-apps/SLUG` on GitHub Enterprise
 * Server. Only the path comes from GitHub's response; the origin is the configured one. If GitHub can't be asked, falls
 * back to github.com's path.
 */
export async function getAppPageUrl(): Promise<string> {
  try {
    return await askPageUrl()();
  } catch (error) {
    log.warn({ err: error }, 'the App’s page could not be asked for');
    return `${getConfig().github.webUrl}/apps/${appNames().slug}`;
  }
}

/**
 * Moves the URL of an App's page to the configured origin.
 *
 * @returns `undefined` if the URL does not point to such a page
 */
export function appPageUrl(webUrl: string, htmlUrl: string | undefined): string | undefined {
  const path = htmlUrl !== undefined && URL.canParse(htmlUrl) ? new URL(htmlUrl).pathname : '';
  const page = path.match(/\/(?:github-)?apps\/[A-Za-z0-9-]+\/?$/)?.[0].replace(/\/$/, '');
  return page === undefined ? undefined : `${webUrl}${page}`;
}

/** Parses only the id, because an installation with an unreadable account still exists. */
const WithId = z.object({ id: z.union([z.int(), z.bigint()]) });

/**
 * Checks whether GitHub still shows the installation to the App.
 *
 * @returns `false` only if GitHub recognises us as this App and answers 404
 * @throws {GitHubError} if the response is unclear, or if GitHub answers 404 but doesn't recognise us as this App
 */
export async function isInstallationShown(id: number): Promise<boolean> {
  const route = 'GET /app/installations/{installation_id}';
  try {
    const parameters = { installation_id: id };
    const { data, status } = await callGitHub({ as: 'app' }, route, parameters, { asksIfExists: true });
    if (WithId.safeParse(data).data?.id !== id) throw unexpectedAnswer(route, status);
    return true;
  } catch (error) {
    if (!(error instanceof GitHubError && error.kind === 'not_found')) throw error;
    if ((await identifyAppNow()) !== 'ours') throw error;
    return false;
  }
}

/**
 * Lists the ids of all installations. Only ids are parsed, so an installation whose other fields can't be read is still
 * listed.
 *
 * @throws {GitHubError} also if an id can't be read or the list never ends
 */
export async function listShownIds(): Promise<Set<number>> {
  const route = 'GET /app/installations';
  const ids = new Set<number>();
  const { ended } = await readPages(route, async (page) => {
    const { data, status, headers } = await callGitHub({ as: 'app' }, route, { per_page: PER_PAGE, page });
    if (!Array.isArray(data)) throw unexpectedAnswer(route, status);
    for (const item of data) {
      // An installation missing from this list counts as ended, and the unreadable item could be any installation. So
      // reject the whole list.
      const { data: shown } = WithId.safeParse(item);
      if (shown === undefined) throw unexpectedAnswer(route, status);
      if (typeof shown.id === 'number') ids.add(shown.id);
    }
    return { items: data, link: headers.link };
  });
  if (!ended) throw unexpectedAnswer(route, 200);
  return ids;
}
