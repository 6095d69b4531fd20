/** Turns errors into what the caller may read: a problem document, or a notice on a page. */
import { isDatabaseUnavailable } from '../db/unavailable';
import { GitHubError, githubProblem } from '../github/errors';
import { log } from '../observability/log';
import { PROBLEMS, Problem } from '../problem';

/** Returns the `Problem` that the caller may read. Only here does an unknown error become `internal`. */
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
 * Returns the problem document. A 400 always has `errors`; an entry about no particular field has an empty path.
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

/** Returns the response for a problem. A fault of ours is logged with its cause, which the response leaves out. */
export function problemResponse(problem: Problem, requestId: string): Response {
  const { status } = PROBLEMS[problem.code];
  if (status >= 500) log.error({ requestId, code: problem.code, err: problem.cause }, problem.message);
  const headers = new Headers({ 'content-type': 'application/problem+json' });
  if (problem.retryAfterSeconds !== undefined) headers.set('retry-after', String(problem.retryAfterSeconds));
  if (status === 401) headers.set('www-authenticate', 'Bearer realm="pulsestream"');
  return new Response(JSON.stringify(problemBody(problem, requestId)), { status, headers });
}

type Status = (typeof PROBLEMS)[keyof typeof PROBLEMS]['status'];

/** Code of the notice that tells of a problem. `null`: unexpected, so the page of unexpected errors tells of it. */
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

/** Codes that every page's table of notices holds, since any action may fail in these ways. */
export type FailureCode = Exclude<(typeof CODES)[Status], null>;

export type Failure = {
  problem: Problem;
  /** Parameters of the page that tells of the failure. */
  query: { notice: FailureCode; retry_after: string | null };
};

/**
 * Returns what the reader may be told of an error, and logs a fault of ours.
 *
 * @throws the error itself where the reader is told nothing: a redirect of Next's, or an unexpected error
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
