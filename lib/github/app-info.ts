import { z } from 'zod';
import { getConfig } from '../config';
import type { GitHubCause } from '../contract/github-causes';
import { learnAppNames } from './app-names';
import { callGitHub, unexpectedAnswer } from './client';
import { GitHubError } from './error';

/** This App as GitHub describes it. */
export type AppInfo = {
  id: number;
  slug: string;
  /** Older servers leave it out. */
  clientId?: string | undefined;
  /** The App's public page; on GitHub Enterprise Server it lies elsewhere than on github.com. */
  htmlUrl: string;
  permissions: Record<string, string>;
  events: string[];
};

const Answer = z.object({
  id: z.int(),
  /** GitHub's description lets it be left out. */
  slug: z.string().optional(),
  client_id: z.string().optional(),
  html_url: z.string(),
  permissions: z.record(z.string(), z.string()).default({}),
  events: z.array(z.string()).default([]),
});

/** @throws {GitHubError} `unauthorized`: the client id or the key is not the App's */
export async function getAppInfo(): Promise<AppInfo> {
  const { data, status } = await callGitHub({ as: 'app' }, 'GET /app', {});
  const parsed = Answer.safeParse(data);
  if (!parsed.success) throw unexpectedAnswer('GET /app', status);
  const { html_url: htmlUrl, client_id: clientId, slug, ...app } = parsed.data;
  return { ...app, slug: slug ?? getConfig().github.appSlug, htmlUrl, clientId };
}

/**
 * How GitHub sees our credentials: those of `GITHUB_APP_ID`, of another App or of none, or it did not tell, which proves
 * nothing: it may be no GitHub at all.
 */
type Identity = 'ours' | 'not_ours' | 'unknown';

/** GitHub's words for that there is no App with this client id and key. */
const NOT_OURS: ReadonlySet<GitHubCause> = new Set([
  'app_unknown',
  'app_key_refused',
  'app_credentials_refused',
]);
/** GitHub refuses this App for now, whichever it is; then no 404 of it is believed. */
const NO_WORD: ReadonlySet<string> = new Set(['unexpected', 'unauthorized', 'forbidden', 'blocked']);
/** What a server answers that is no GitHub, or speaks a part of its API only. */
const NO_SUCH_ROUTE: ReadonlySet<number | null> = new Set([404, 501]);

/**
 * A wrong client id, another App's key, a base URL that is off by a segment or a gateway without a route make every
 * installation look uninstalled. So a 404 is believed only from a GitHub that knows this process as its App (C17, C19):
 * `ours`, and nothing less.
 *
 * @throws {GitHubError} `unavailable`, `rate_limited`: GitHub cannot be asked now
 */
export async function identifyApp(): Promise<Identity> {
  try {
    const app = await getAppInfo();
    return app.id === getConfig().github.appId && learnAppNames(app) ? 'ours' : 'not_ours';
  } catch (error) {
    if (!(error instanceof GitHubError)) throw error;
    if (NOT_OURS.has(error.reason)) return 'not_ours';
    if (NO_SUCH_ROUTE.has(error.status) || NO_WORD.has(error.kind)) return 'unknown';
    throw error;
  }
}
