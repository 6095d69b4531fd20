import { getConfig } from '../config';
import { isSsoPath } from '../contract/connect';
import { causeRow, type GitHubCause, type GitHubFailure } from '../contract/github-causes';
import { Problem } from '../problem';
import { LONGEST_WAIT_SECONDS, messageOf, readWait, recognise } from './recognise';

export type { GitHubFailure };

/** The cause to report when only the kind of failure is known. */
const GENERIC: Record<GitHubFailure, GitHubCause> = {
  unavailable: 'github_unavailable',
  rate_limited: 'rate_limited',
  unauthorized: 'token_refused',
  suspended: 'installation_suspended',
  forbidden: 'resource_not_accessible',
  blocked: 'account_suspended',
  not_found: 'not_found',
  invalid: 'github_error',
  unexpected: 'github_error',
};

/** Details read from a rejection. All fields except `words` are validated, so they may be shown to users. */
export type RejectionDetails = {
  /** The permission that GitHub reports as missing, such as `contents: read`. */
  permission?: string;
  /** The path of an organization's single sign-on page on GitHub's web origin. */
  ssoPath?: string;
  /** Whether GitHub itself requested a wait before the next call. */
  askedToWait?: boolean;
  /** GitHub's message or OAuth error code, for the log only. */
  words?: string;
};

/**
 * A failed call to GitHub. Callers branch on `kind` and report `reason`. GitHub's own message is in `cause` and
 * `words`, which are for the log only.
 */
export class GitHubError extends Error {
  /** Makes `instanceof` compare names, because Next loads this module several times and each copy has its own class. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === 'GitHubError';
  }

  override readonly name = 'GitHubError';
  constructor(
    readonly kind: GitHubFailure,
    /** The route template, which contains no ids or tokens. */
    readonly route: string,
    readonly status: number | null,
    readonly retryAfterSeconds: number | undefined,
    cause: unknown,
    /** The cause's key in the table in `contract/github-causes`. */
    readonly reason: GitHubCause = GENERIC[kind],
    readonly details: RejectionDetails = {},
  ) {
    super(`GitHub: ${reason} (${status ?? 'no answer'}) at ${route}`, { cause });
  }
}

/** Creates the error for a cause. */
export function gitHubError(
  reason: GitHubCause,
  route: string,
  status: number | null,
  given: { cause?: unknown; retryAfterSeconds?: number | undefined; details?: RejectionDetails } = {},
): GitHubError {
  const { kind, retryAfterSeconds } = causeRow(reason);
  const wait = given.retryAfterSeconds ?? retryAfterSeconds;
  return new GitHubError(kind, route, status, wait, given.cause, reason, given.details);
}

/**
 * Returns the current time by GitHub's clock, because limits and expiry times follow that clock and ours may be off.
 * Without a readable `Date` header, returns our own time.
 */
export function githubNowMs(headers: Record<string, unknown>): number {
  const theirs = Date.parse(String(headers.date));
  return Number.isNaN(theirs) ? Date.now() : theirs;
}

/**
 * Returns the wait that GitHub asks for before the next call, in seconds; `undefined` if it asks for none.
 *
 * @see https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
 */
function requestedWait(headers: Record<string, unknown>): number | undefined {
  const nowMs = githubNowMs(headers);
  const retryAfter = readWait(headers['retry-after'], nowMs);
  if (retryAfter !== undefined) return retryAfter;
  const reset = Number(headers['x-ratelimit-reset']);
  if (String(headers['x-ratelimit-remaining']).trim() !== '0' || !(reset > 0)) return undefined;
  return Math.min(LONGEST_WAIT_SECONDS, Math.max(1, Math.ceil(reset - nowMs / 1000)));
}

type RequestError = Error & {
  status: number;
  response?: { headers: Record<string, string | undefined>; data: unknown };
};

/**
 * Recognises an Octokit error by its name. Next loads modules several times in one process, so the error's class may
 * come from another copy of Octokit. `instanceof` would miss it, and a 404 would look like an outage.
 */
export function isRequestError(error: unknown): error is RequestError {
  return error instanceof Error && error.name === 'HttpError' && 'status' in error;
}

/**
 * Converts an Octokit error to a {@link GitHubError}. Octokit reports status 500 even if GitHub never responded, so
 * check `response` instead.
 */
export function toGitHubError(route: string, error: unknown): GitHubError {
  if (error instanceof GitHubError) return error;
  if (!isRequestError(error) || error.response === undefined) return noAnswer(route, withoutRequest(error));
  const { headers, data } = error.response;
  return rejectionOf(route, { status: error.status, headers, data }, withoutRequest(error));
}

/** Matches undici's errors for an outgoing proxy that refuses the connection. */
const PROXY_REFUSED = /proxy response \(\d+\)|proxy authentication required/i;

function noAnswer(route: string, cause: Error): GitHubError {
  const reason = PROXY_REFUSED.test(cause.message) ? 'proxy_refused' : 'github_unavailable';
  return gitHubError(reason, route, null, { cause });
}

/** Creates the error for a response that rejects the request. */
export function rejectionOf(
  route: string,
  answer: { status: number; headers: Record<string, unknown>; data: unknown },
  cause?: Error,
): GitHubError {
  const reason = recognise({ ...answer, route });
  const wait = requestedWait(answer.headers);
  const isPassing = ['unavailable', 'rate_limited'].includes(causeRow(reason).kind);
  return gitHubError(reason, route, answer.status, {
    cause,
    // Every response carries rate limit headers, but they only ask for a wait if GitHub is unavailable or a limit is
    // reached.
    retryAfterSeconds: isPassing ? wait : undefined,
    details: { ...readDetails(answer), ...(isPassing && wait !== undefined ? { askedToWait: true } : {}) },
  });
}

/** Matches the first permission in a header such as `contents=read`. After a `;`, the header lists alternatives. */
const NEEDED_PERMISSION = /^([a-z_]{1,40})=(read|write|admin)\b/;
/**
 * Matches the single sign-on URL of an organization or enterprise. We keep only its path, because its query is for
 * authorizing our token, which is no longer valid by then.
 */
const SSO_URL = /\burl=(https?:\/\/[^\s;]+)/i;

function readDetails({
  headers,
  data,
}: {
  headers: Record<string, unknown>;
  data: unknown;
}): RejectionDetails {
  const needed = NEEDED_PERMISSION.exec(String(headers['x-accepted-github-permissions'] ?? ''));
  const ssoPath = readSsoPath(headers['x-github-sso']);
  const words = messageOf(data)?.slice(0, 200);
  return {
    ...(needed && { permission: `${needed[1]}: ${needed[2]}` }),
    ...(ssoPath !== undefined && { ssoPath }),
    ...(words !== undefined && { words }),
  };
}

/**
 * Reads the path of the URL in `X-GitHub-SSO`. A URL on any origin other than GitHub's is ignored, so that we never
 * link users to another site.
 */
function readSsoPath(header: unknown): string | undefined {
  const url = SSO_URL.exec(String(header ?? ''))?.[1];
  if (url === undefined || !URL.canParse(url)) return undefined;
  const { origin, pathname } = new URL(url);
  return isGitHubsOrigin(origin) && isSsoPath(pathname) ? pathname : undefined;
}

/**
 * Keeps only the text of Octokit's error. The error also holds the request, including its authorization header, which
 * must not end up in a log.
 */
function withoutRequest(error: unknown): Error {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new Error(text);
}

/** Converts a failed call to GitHub into the problem document that the API returns. */
export function githubProblem(error: GitHubError): Problem {
  const { code } = causeRow(error.reason);
  return new Problem(code, explainCause(error.reason, error.details), {
    cause: error,
    githubCause: error.reason,
    ...(error.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: error.retryAfterSeconds }),
  });
}

/** Explains a cause to the user: what happened and what to do. */
export function explainCause(reason: GitHubCause, details: RejectionDetails = {}): string {
  const { found, todo } = causeTexts(reason, details);
  return `${found} ${todo}`;
}

/** Returns the two halves of {@link explainCause}, for a list with a column for each. */
export function causeTexts(
  reason: GitHubCause,
  { permission }: RejectionDetails = {},
): { found: string; todo: string } {
  const { sentence, nextStep } = causeRow(reason);
  const addresses = reason === 'ip_allow_list' ? ourAddresses() : [];
  return {
    found: permission === undefined ? sentence : `${sentence} GitHub names “${permission}”.`,
    todo: addresses.length === 0 ? nextStep : `${nextStep} Our addresses: ${addresses.join(', ')}.`,
  };
}

/** Returns our IP addresses, which a customer adds to an IP allow list; empty if the operator configured none. */
function ourAddresses(): readonly string[] {
  return getConfig().egressAddresses;
}

/** Checks whether an origin is the configured GitHub's web origin. */
function isGitHubsOrigin(origin: string): boolean {
  return origin === new URL(getConfig().github.webUrl).origin;
}
