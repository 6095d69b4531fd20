import { log } from '../observability/log';
import { PROBLEMS, type Problem } from '../problem';
import { toProblem } from './problem-response';

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
