import type { Outcome } from '@/components/github/outcome-banner';
import { toProblem } from '@/lib/http/problem-response';
import { log } from '@/lib/observability/log';
import { PROBLEMS, type Problem } from '@/lib/problem';

/** How any action may fail. Part of every page's table of notices; the codes travel in the address. */
export const FAILURES = {
  limited: {
    title: 'Too many requests',
    cause: 'That was asked for too often in a short time. Nothing was done.',
    nextStep: 'Try again in a minute.',
    tone: 'warning',
  },
  not_now: {
    title: 'That did not work just now',
    cause: 'Something that we depend on did not answer, so we cannot tell whether it took effect.',
    nextStep: 'Look here before you repeat it, then try again in a few seconds.',
    tone: 'error',
  },
  not_allowed: {
    title: 'Nothing was changed',
    cause: 'Your role does not allow this any more.',
    nextStep: 'Ask an admin or the owner of the workspace.',
    tone: 'warning',
  },
  gone: {
    title: 'Nothing was changed',
    cause: 'It is not here any more.',
    nextStep: 'What you see below is up to date.',
    tone: 'info',
  },
  not_valid: {
    title: 'Nothing was changed',
    cause: 'What was sent cannot be done.',
    nextStep: 'Check it and try again.',
    tone: 'warning',
  },
} as const satisfies Record<string, Outcome>;

export type FailureCode = keyof typeof FAILURES;

type Status = (typeof PROBLEMS)[keyof typeof PROBLEMS]['status'];

/** `null`: nobody expected it, so the page of unexpected errors tells of it. */
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
} as const satisfies Record<Status, FailureCode | null>;

export type Failure = {
  problem: Problem;
  code: FailureCode;
  /** Parameters of the page that tells of it. */
  query: { notice: FailureCode; retry_after: string | null };
};

/**
 * Returns what the reader may be told of an error.
 *
 * @throws the error itself, where that is nothing: a redirect of Next's, or what nobody expected
 */
export function failureOf(error: unknown): Failure {
  const problem = toProblem(error);
  const code = CODES[PROBLEMS[problem.code].status];
  if (code === null) throw error;
  if (problem.status >= 500) log.error({ code: problem.code, err: problem.cause ?? error }, problem.message);
  return { problem, code, query: { notice: code, retry_after: retryAfter(problem) } };
}

const retryAfter = ({ code, retryAfterSeconds }: Problem): string | null =>
  code === 'rate_limited' && retryAfterSeconds !== undefined ? String(retryAfterSeconds) : null;
