import { z } from 'zod';
import { onePerProcess, sharedAnswer } from '../async';
import { getConfig } from '../config';
import type { GitHubCause } from '../contract/github-causes';
import { log } from '../observability/log';
import { appNames, learnAppNames } from './app';
import { callGitHub, unexpectedAnswer } from './client';
import { GitHubError } from './errors';
import { PER_PAGE, readItems, readPages, StorableText } from './pages';

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

/** A request to an organization's owners to install the App. Their approval or refusal ends it. */
export type InstallationRequest = {
  account: { id: number; login: string };
  requesterId: number;
  createdAt: Date;
};

const RequestItem = z
  .object({
    account: z.object({ id: z.int(), login: StorableText.optional(), slug: StorableText.optional() }),
    requester: z.object({ id: z.int() }),
    created_at: z.string().refine((text) => !Number.isNaN(Date.parse(text))),
  })
  .transform(
    ({ account, requester, created_at }): InstallationRequest => ({
      account: { id: account.id, login: account.login ?? account.slug ?? `account-${account.id}` },
      requesterId: requester.id,
      createdAt: new Date(created_at),
    }),
  );

/**
 * Lists the open requests for an installation.
 *
 * @throws {GitHubError}
 * @see https://docs.github.com/en/rest/apps/apps#list-installation-requests-for-the-authenticated-app
 */
export async function listInstallationRequests(): Promise<InstallationRequest[]> {
  const route = 'GET /app/installation-requests';
  const found: InstallationRequest[] = [];
  await readPages(route, async (page) => {
    const { data, status, headers } = await callGitHub({ as: 'app' }, route, { per_page: PER_PAGE, page });
    if (!Array.isArray(data)) throw unexpectedAnswer(route, status);
    found.push(...readItems(route, data, RequestItem).read);
    return { items: data, link: headers.link };
  });
  return found;
}
