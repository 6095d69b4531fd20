/** Turns errors into something the caller is allowed to see: a problem document, or a notice on a page. */
import { isDatabaseUnavailable } from '../db/unavailable';
import { GitHubError, githubProblem } from '../github/errors';
import { log } from '../observability/log';
import { PROBLEMS, Problem } from '../problem';
import type { Reply } from './direct';

/** Returns the `Problem` to show to the caller. This is the only place that turns an unknown error into `internal`. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof GitHubError) return githubProblem(error);
  if (isDatabaseUnavailable(error))
    return new Problem('database_unavailable', 'The database cannot be reached. Try again shortly.', {
      cause: error,
      retryAfterSeconds: 5,
    });
  return new Problem('internal', 'Something went wrong on our side.', { cause: error });
}

/**
 * Returns the body of a problem response. For a 400, it always includes `errors`. An error that isn't about a
 * particular field has an empty path.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9457
 */
export function problemBody(problem: Problem, requestId: string): object {
  const { status, title } = PROBLEMS[problem.code];
  const errors = problem.errors ?? (status === 400 ? [{ path: '', message: problem.message }] : undefined);
  return {
    type: `/docs/api#${problem.code}`,
    title,
    status,
    detail: problem.message,
    code: problem.code,
    request_id: requestId,
    ...(errors === undefined ? {} : { errors }),
    ...(problem.githubCause === undefined ? {} : { cause: problem.githubCause }),
  };
}

/** Returns the reply for a problem. Logs server errors with their cause, which the reply doesn't reveal. */
export function problemReply(problem: Problem, requestId: string): Reply & { body: string } {
  const { status } = PROBLEMS[problem.code];
  if (status >= 500) log.error({ requestId, code: problem.code, err: problem.cause }, problem.message);
  const headers: Record<string, string> = { 'content-type': 'application/problem+json' };
  if (problem.retryAfterSeconds !== undefined) headers['retry-after'] = String(problem.retryAfterSeconds);
  if (status === 401) headers['www-authenticate'] = 'Bearer realm="pulsestream"';
  return { status, headers, body: JSON.stringify(problemBody(problem, requestId)) };
}

type Status = (typeof PROBLEMS)[keyof typeof PROBLEMS]['status'];

/**
 * The notice code for each status. `null` stands for an unexpected error, which leads to the error page instead of a
 * notice.
 */
const CODES = {
  400: 'not_valid',
  401: 'not_allowed',
  403: 'not_allowed',
  404: 'gone',
  409: 'gone',
  413: 'not_valid',
  415: 'not_valid',
  422: 'not_valid',
  429: 'limited',
  500: null,
  502: 'not_now',
  503: 'not_now',
} as const satisfies Record<Status, string | null>;

/** Notice codes that every page must have a message for, because any action can fail in these ways. */
export type FailureCode = Exclude<(typeof CODES)[Status], null>;

export type Failure = {
  problem: Problem;
  /** Query parameters for the page that shows the failure. */
  query: { notice: FailureCode; retry_after: string | null };
};

/**
 * Returns what the user is allowed to know about an error. Logs server errors.
 *
 * @throws the error itself if it's unexpected, or if it's the one Next throws to redirect
 */
export function failureOf(error: unknown): Failure {
  const problem = toProblem(error);
  const notice = CODES[PROBLEMS[problem.code].status];
  if (notice === null) throw error;
  if (problem.status >= 500) log.error({ code: problem.code, err: problem.cause ?? error }, problem.message);
  return { problem, query: { notice, retry_after: retryAfter(problem) } };
}

const retryAfter = ({ code, retryAfterSeconds }: Problem): string | null =>
  code === 'rate_limited' && retryAfterSeconds !== undefined ? String(retryAfterSeconds) : null;
