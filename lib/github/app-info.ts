import { z } from 'zod';
import { onePerProcess, sharedAnswer } from '../async';
import { getConfig } from '../config';
import type { GitHubCause } from '../contract/github-causes';
import { log } from '../observability/log';
import { appNames, learnAppNames } from './app';
import { callGitHub, unexpectedAnswer } from './client';
import { GitHubError } from './errors';
import { PER_PAGE, readPages } from './pages';

/** The App as GitHub describes it. */
export type AppInfo = {
  id: number;
  slug: string;
  /** Older servers omit it. */
  clientId?: string | undefined;
  /** The App's public page. Its path differs between GitHub Enterprise Server and github.com. */
  htmlUrl: string;
  permissions: Record<string, string>;
  events: string[];
};

const Answer = z.object({
  id: z.int(),
  /** Optional in GitHub's description. */
  slug: z.string().optional(),
  client_id: z.string().optional(),
  html_url: z.string(),
  permissions: z.record(z.string(), z.string()).default({}),
  events: z.array(z.string()).default([]),
});

/** Reads the App's own description. @throws {GitHubError} `unauthorized`: client id or key are not the App's */
export async function getAppInfo(): Promise<AppInfo> {
  const { data, status } = await callGitHub({ as: 'app' }, 'GET /app', {});
  const parsed = Answer.safeParse(data);
  if (!parsed.success) throw unexpectedAnswer('GET /app', status);
  const { html_url: htmlUrl, client_id: clientId, slug, ...app } = parsed.data;
  return { ...app, slug: slug ?? getConfig().github.appSlug, htmlUrl, clientId };
}

/**
 * The owner of our credentials in GitHub's view.
 *
 * - `ours`: the App of `GITHUB_APP_ID`.
 * - `not_ours`: another App, or none.
 * - `unknown`: the response proves nothing, and may not even come from GitHub.
 */
type Identity = 'ours' | 'not_ours' | 'unknown';

/** The causes that GitHub gives for a client id and key of no App. */
const NOT_OURS: ReadonlySet<GitHubCause> = new Set([
  'app_unknown',
  'app_key_refused',
  'app_credentials_refused',
]);
/** The kinds of rejection that do not identify the App. No 404 is believed after them. */
const INCONCLUSIVE_KINDS: ReadonlySet<string> = new Set([
  'unexpected',
  'unauthorized',
  'forbidden',
  'blocked',
]);
/** The statuses of a server that is not GitHub, or implements a part of its API. */
const INCONCLUSIVE_STATUSES: ReadonlySet<number | null> = new Set([404, 501]);

/**
 * Identifies the App by its credentials. With another App's client id or key, a wrong base URL or an incomplete gateway,
 * every installation looks uninstalled. So a 404 is believed only after `ours`.
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

/** An App's page hardly ever moves. A changed slug is noticed within the hour. */
const PAGE_TIMES = { freshMs: 3_600_000, retryMs: 5000, patienceMs: 15_000 };

const askPageUrl = onePerProcess('app page', () =>
  sharedAnswer(async () => {
    const url = appPageUrl(getConfig().github.webUrl, (await getAppInfo()).htmlUrl);
    if (url === undefined) throw new Error('GitHub names no page of an App');
    return url;
  }, PAGE_TIMES),
);

/**
 * Returns the page from which the App is installed: `/apps/SLUG` on github.com, `/github-apps/SLUG` on GitHub Enterprise
 * Server. Only the path is taken from GitHub's response; the origin is the configured one. Until GitHub has responded,
 * the path is github.com's.
 */
export async function getAppPageUrl(): Promise<string> {
  try {
    return await askPageUrl()();
  } catch (error) {
    log.warn({ err: error }, 'the App’s page could not be asked for');
    return `${getConfig().github.webUrl}/apps/${appNames().slug}`;
  }
}

/** Moves GitHub's page of an App to the configured origin. @returns `undefined` if the URL is not such a page */
export function appPageUrl(webUrl: string, htmlUrl: string | undefined): string | undefined {
  const path = htmlUrl !== undefined && URL.canParse(htmlUrl) ? new URL(htmlUrl).pathname : '';
  const page = path.match(/\/(?:github-)?apps\/[A-Za-z0-9-]+\/?$/)?.[0].replace(/\/$/, '');
  return page === undefined ? undefined : `${webUrl}${page}`;
}

/** Reads the id alone, because an installation with an unreadable account still exists. */
const WithId = z.object({ id: z.union([z.int(), z.bigint()]) });

/**
 * Returns whether the installation's own route still shows it to the App.
 *
 * @throws {GitHubError} without a clear response, or after a 404 of a server that does not identify us as this App
 */
export async function isInstallationShown(id: number): Promise<boolean> {
  const route = 'GET /app/installations/{installation_id}';
  try {
    const { data, status } = await callGitHub({ as: 'app' }, route, { installation_id: id });
    if (WithId.safeParse(data).data?.id !== id) throw unexpectedAnswer(route, status);
    return true;
  } catch (error) {
    if (!(error instanceof GitHubError && error.kind === 'not_found')) throw error;
    if ((await identifyApp()) !== 'ours') throw error;
    return false;
  }
}

/** Lists the ids of every installation, also if its other fields are unreadable. @throws {GitHubError} */
export async function listShownIds(): Promise<Set<number>> {
  const route = 'GET /app/installations';
  const ids = new Set<number>();
  const { ended } = await readPages(route, async (page) => {
    const { data, status, headers } = await callGitHub({ as: 'app' }, route, { per_page: PER_PAGE, page });
    if (!Array.isArray(data)) throw unexpectedAnswer(route, status);
    for (const item of data) {
      // Absence from the list ends an installation, and this item may be any of them.
      const { data: shown } = WithId.safeParse(item);
      if (shown === undefined) throw unexpectedAnswer(route, status);
      if (typeof shown.id === 'number') ids.add(shown.id);
    }
    return { items: data, link: headers.link };
  });
  if (!ended) throw unexpectedAnswer(route, 200);
  return ids;
}
