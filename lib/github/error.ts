import type { RequestError } from '@octokit/request-error';
import { isSsoPath } from '../contract/connect';
import { causeRow, type GitHubCause, type GitHubFailure } from '../contract/github-causes';
import { Problem } from '../problem';
import { isGitHubsOrigin, ourAddresses } from './egress';
import { LONGEST_WAIT_SECONDS, messageOf, readWait, recognise } from './recognise';

export type { GitHubFailure };

/** The cause that a kind stands for when calling code knows no better. */
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

/** What a refusal tells beside its cause. Everything here is checked and may be shown. */
export type RefusalDetails = {
  /** `contents: read`: the permission that GitHub names as missing. */
  permission?: string;
  /** Path of an organization's single sign-on on GitHub's web origin. */
  ssoPath?: string;
  /** GitHub itself named the wait. */
  askedToWait?: boolean;
  /** GitHub's message or OAuth code, for the log only. */
  words?: string;
};

/** Callers branch on `kind`, and tell by `reason`; GitHub's own message stays in `cause` and `words`, for the log. */
export class GitHubError extends Error {
  /** See {@link isRequestError}: an instance of another load of this module counts, too. */
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
    /** Row of the table of causes. */
    readonly reason: GitHubCause = GENERIC[kind],
    readonly details: RefusalDetails = {},
  ) {
    super(`GitHub: ${reason} (${status ?? 'no answer'}) at ${route}`, { cause });
  }
}

/** The error of a recognised cause. */
export function gitHubError(
  reason: GitHubCause,
  route: string,
  status: number | null,
  given: { cause?: unknown; retryAfterSeconds?: number | undefined; details?: RefusalDetails } = {},
): GitHubError {
  const { kind, retryAfterSeconds } = causeRow(reason);
  const wait = given.retryAfterSeconds ?? retryAfterSeconds;
  return new GitHubError(kind, route, status, wait, given.cause, reason, given.details);
}

/** The reset is a time of GitHub's clock, and ours may be off. */
export function githubNowMs(headers: Record<string, unknown>): number {
  const theirs = Date.parse(String(headers.date));
  return Number.isNaN(theirs) ? Date.now() : theirs;
}

/** @see https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit */
function askedWait(headers: Record<string, unknown>): number | undefined {
  const nowMs = githubNowMs(headers);
  const retryAfter = readWait(headers['retry-after'], nowMs);
  if (retryAfter !== undefined) return retryAfter;
  const reset = Number(headers['x-ratelimit-reset']);
  if (String(headers['x-ratelimit-remaining']).trim() !== '0' || !(reset > 0)) return undefined;
  return Math.min(LONGEST_WAIT_SECONDS, Math.max(1, Math.ceil(reset - nowMs / 1000)));
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
  if (!isRequestError(error) || error.response === undefined) return noAnswer(route, withoutRequest(error));
  const { headers, data } = error.response;
  return refusal(route, { status: error.status, headers, data }, withoutRequest(error));
}

/** undici's words for an outgoing proxy that does not let us through. */
const PROXY_REFUSED = /proxy response \(\d+\)|proxy authentication required/i;

function noAnswer(route: string, cause: Error): GitHubError {
  const reason = PROXY_REFUSED.test(cause.message) ? 'proxy_refused' : 'github_unavailable';
  return gitHubError(reason, route, null, { cause });
}

/** What GitHub's answer means when it is not the one that was asked for. */
export function refusal(
  route: string,
  answer: { status: number; headers: Record<string, unknown>; data: unknown },
  cause?: Error,
): GitHubError {
  const reason = recognise({ ...answer, route });
  const wait = askedWait(answer.headers);
  const isPassing = ['unavailable', 'rate_limited'].includes(causeRow(reason).kind);
  return gitHubError(reason, route, answer.status, {
    cause,
    // What is left of a limit is said with every answer: only where it is the cause it is a reason to wait.
    retryAfterSeconds: isPassing ? wait : undefined,
    details: { ...readDetails(answer), ...(isPassing && wait !== undefined ? { askedToWait: true } : {}) },
  });
}

/** `contents=read`, and alternatives after `;`. */
const NEEDED_PERMISSION = /^([a-z_]{1,40})=(read|write|admin)\b/;
/** An organization's or enterprise's page; its query would authorise one token, and ours is gone by then. */
const SSO_URL = /\burl=(https?:\/\/[^\s;]+)/i;

function readDetails({ headers, data }: { headers: Record<string, unknown>; data: unknown }): RefusalDetails {
  const needed = NEEDED_PERMISSION.exec(String(headers['x-accepted-github-permissions'] ?? ''));
  const ssoPath = readSsoPath(headers['x-github-sso']);
  const words = messageOf(data)?.slice(0, 200);
  return {
    ...(needed && { permission: `${needed[1]}: ${needed[2]}` }),
    ...(ssoPath !== undefined && { ssoPath }),
    ...(words !== undefined && { words }),
  };
}

/** @returns the path of `X-GitHub-SSO`'s URL, which is believed on GitHub's own origin only */
function readSsoPath(header: unknown): string | undefined {
  const url = SSO_URL.exec(String(header ?? ''))?.[1];
  if (url === undefined || !URL.canParse(url)) return undefined;
  const { origin, pathname } = new URL(url);
  return isGitHubsOrigin(origin) && isSsoPath(pathname) ? pathname : undefined;
}

/** Octokit's error holds the request with its authorization header: only its text goes on. */
function withoutRequest(error: unknown): Error {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new Error(text);
}

/** What a caller of ours is told of a failed call to GitHub, unless the calling code knows something better. */
export function githubProblem(error: GitHubError): Problem {
  const { code } = causeRow(error.reason);
  return new Problem(code, explainCause(error.reason, error.details), {
    cause: error,
    githubCause: error.reason,
    ...(error.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: error.retryAfterSeconds }),
  });
}

/** What happened and what to do, in our words. */
export function explainCause(reason: GitHubCause, { permission }: RefusalDetails = {}): string {
  const { sentence, nextStep } = causeRow(reason);
  const parts = [sentence];
  if (permission !== undefined) parts.push(`GitHub names “${permission}”.`);
  parts.push(nextStep);
  const addresses = reason === 'ip_allow_list' ? ourAddresses() : [];
  if (addresses.length > 0) parts.push(`Our addresses: ${addresses.join(', ')}.`);
  return parts.join(' ');
}
