import { isDatabaseUnavailable } from '../db/unavailable';
import { GitHubError, githubProblem } from '../github/error';
import { log } from '../observability/log';
import { PROBLEMS, Problem } from '../problem';

/** Whatever was thrown, as the `Problem` that the caller may read. Here alone the unknown becomes `internal`. */
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
 * A 400 always has `errors`; one that is about no field in particular says so with an empty path.
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

/** Logs a fault of ours with its cause, which the answer does not tell. */
export function problemResponse(problem: Problem, requestId: string): Response {
  const { status } = PROBLEMS[problem.code];
  if (status >= 500) log.error({ requestId, code: problem.code, err: problem.cause }, problem.message);
  const headers = new Headers({ 'content-type': 'application/problem+json' });
  if (problem.retryAfterSeconds !== undefined) headers.set('retry-after', String(problem.retryAfterSeconds));
  if (status === 401) headers.set('www-authenticate', 'Bearer realm="pulsestream"');
  return new Response(JSON.stringify(problemBody(problem, requestId)), { status, headers });
}
