import type { RequestError } from '@octokit/request-error';
import { Problem } from '../problem';

/**
 * What a failed call to GitHub means for us. Callers branch on `kind` only; GitHub's own message stays in `cause`,
 * for the log.
 */
export type GitHubFailure =
  /** No answer, a 5xx, or something that is not GitHub's JSON. */
  | 'unavailable'
  /** Primary or secondary rate limit. */
  | 'rate_limited'
  | 'unauthorized'
  | 'suspended'
  | 'forbidden'
  | 'not_found'
  | 'invalid'
  /** GitHub answered, but not what was asked for. */
  | 'unexpected';

export class GitHubError extends Error {
  /** See {@link isRequestError}: what another load of this module has thrown is one, too. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === 'GitHubError';
  }

  override readonly name = 'GitHubError';
  constructor(
    readonly kind: GitHubFailure,
    /** The route template, `POST /app/installations/{installation_id}/access_tokens`: without ids or tokens. */
    readonly route: string,
    readonly status: number | null,
    readonly retryAfterSeconds: number | undefined,
    cause: unknown,
  ) {
    super(`GitHub: ${kind} (${status ?? 'no answer'}) at ${route}`, { cause });
  }
}

/** Seconds to wait when GitHub does not say how long. */
const DEFAULT_RETRY_AFTER: Partial<Record<GitHubFailure, number>> = { unavailable: 5, rate_limited: 60 };

/** The reset is a time of GitHub's clock, and ours may be off. */
export function githubNowMs(headers: Record<string, unknown>): number {
  const theirs = Date.parse(String(headers.date));
  return Number.isNaN(theirs) ? Date.now() : theirs;
}

/** @see https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit */
function retryAfterSeconds(headers: Record<string, unknown>): number | undefined {
  const retryAfter = Number(headers['retry-after']);
  if (Number.isFinite(retryAfter) && retryAfter > 0) return Math.ceil(retryAfter);
  const reset = Number(headers['x-ratelimit-reset']);
  if (headers['x-ratelimit-remaining'] === '0' && Number.isFinite(reset))
    return Math.max(1, Math.ceil(reset - githubNowMs(headers) / 1000));
  return undefined;
}

/**
 * A 404 is believed only in GitHub's own form: it marks an installation deleted for good, and the page of a proxy or
 * of a wrong base URL must not do that.
 */
function classify(
  status: number,
  message: string,
  headers: Record<string, unknown>,
  data: unknown,
): GitHubFailure {
  if (status >= 500) return 'unavailable';
  if (status === 401) return 'unauthorized';
  // Said of our issuer, not of what was asked for: the client id is no App's.
  if (status === 404 && /integration not found/i.test(message)) return 'unauthorized';
  if (status === 404) return isGitHubsOwn(data) ? 'not_found' : 'unexpected';
  if (status === 422) return 'invalid';
  if (status === 429) return 'rate_limited';
  if (status !== 403) return 'unexpected';
  if (/suspended/i.test(message)) return 'suspended';
  const limited = headers['retry-after'] !== undefined || headers['x-ratelimit-remaining'] === '0';
  return limited || /rate limit/i.test(message) ? 'rate_limited' : 'forbidden';
}

function isGitHubsOwn(data: unknown): boolean {
  return typeof data === 'object' && data !== null && 'message' in data;
}

/**
 * Octokit's error, by its name. Next loads modules several times in one process, and the loads share one Octokit
 * (`client.ts`), so that its class need not be the one that is imported here: `instanceof` would miss every refusal of
 * GitHub's, and take a 404 for an outage.
 */
export function isRequestError(error: unknown): error is RequestError {
  return error instanceof Error && error.name === 'HttpError' && 'status' in error;
}

/** Turns whatever Octokit throws into a `GitHubError`. Octokit reports a call without an answer as status 500. */
export function toGitHubError(route: string, error: unknown): GitHubError {
  if (error instanceof GitHubError) return error;
  if (!isRequestError(error) || error.response === undefined)
    return new GitHubError(
      'unavailable',
      route,
      null,
      DEFAULT_RETRY_AFTER.unavailable,
      withoutRequest(error),
    );
  const { headers, data } = error.response;
  return refusal(
    route,
    { status: error.status, message: error.message, headers, data },
    withoutRequest(error),
  );
}

/** What GitHub's answer means when it is not the one that was asked for. */
export function refusal(
  route: string,
  answer: { status: number; message: string; headers: Record<string, unknown>; data: unknown },
  cause?: Error,
): GitHubError {
  const { status, message, headers, data } = answer;
  const kind = classify(status, message, headers, data);
  const wait = retryAfterSeconds(headers) ?? DEFAULT_RETRY_AFTER[kind];
  return new GitHubError(kind, route, status, wait, cause);
}

/** Octokit's error holds the request with its authorization header: only its text goes on. */
function withoutRequest(error: unknown): Error {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new Error(text);
}

/** What a caller of ours is told of a failed call to GitHub, unless the calling code knows something better. */
export function githubProblem(error: GitHubError): Problem {
  switch (error.kind) {
    case 'unavailable':
    case 'rate_limited':
      return new Problem('github_unavailable', 'GitHub cannot answer at the moment. Try again later.', {
        cause: error,
        ...(error.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: error.retryAfterSeconds }),
      });
    case 'unauthorized':
    case 'suspended':
    case 'forbidden':
    case 'not_found':
    case 'invalid':
    case 'unexpected':
      return new Problem('github_error', 'GitHub refused what was asked of it.', { cause: error });
  }
}
