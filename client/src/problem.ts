import type { ProblemAnswer } from './api.js';
import { type ErrorDetails, PROBLEM_CODES, type ProblemCode, PulseStreamError } from './errors.js';
import type { Answer } from './exchange.js';
import { parseRetryAfter } from './retry.js';
import { withoutSecrets } from './secrets.js';

const CODES: ReadonlySet<string> = new Set(PROBLEM_CODES);

/** Turns a failure response into an error. A response that no control plane sends becomes `unexpected_answer`. */
export function toError(answer: Answer, now: number): PulseStreamError {
  const retryAfterSeconds = parseRetryAfter(answer.headers, now);
  const problem = parseProblem(answer);
  const details: ErrorDetails = {
    status: answer.status,
    retryAfterSeconds,
    retry: retrySafety(answer.status, problem !== undefined && retryAfterSeconds !== undefined),
    requestId: problem?.request_id ?? answer.headers.get('x-request-id') ?? undefined,
  };
  if (problem === undefined || !isProblemCode(problem.code)) {
    const what = problem === undefined ? 'no problem document' : `the unknown code ${problem.code}`;
    return new PulseStreamError('unexpected_answer', `HTTP ${answer.status} with ${what}.`, details);
  }
  const { code, detail, errors = [], cause } = problem;
  const listed = errors.map((each) => ({ ...each, message: withoutSecrets(each.message) }));
  return new PulseStreamError(code, detail, { ...details, errors: listed, githubCause: cause });
}

const isProblemCode = (code: string): code is ProblemCode => CODES.has(code);

/**
 * A limit is checked before a mint begins. A 503 that is the control plane's own, and names a time, says that it
 * released no token. Any other failure of a server, or of a proxy, may hide a token that was lost on the way.
 */
function retrySafety(status: number, isOwnWithTime: boolean): 'safe' | 'if_idempotent' | 'no' {
  if (status === 429 || (status === 503 && isOwnWithTime)) return 'safe';
  return status >= 500 ? 'if_idempotent' : 'no';
}

function parseProblem({ headers, text }: Answer): ProblemAnswer | undefined {
  if (!/^application\/problem\+json\b/i.test(headers.get('content-type') ?? '')) return undefined;
  const value = parseJson(text) as Partial<ProblemAnswer> | undefined;
  const isProblem =
    typeof value === 'object' &&
    value !== null &&
    typeof value.code === 'string' &&
    typeof value.detail === 'string' &&
    (value.errors === undefined || (Array.isArray(value.errors) && value.errors.every(isFieldError)));
  return isProblem ? (value as ProblemAnswer) : undefined;
}

const isFieldError = (error: unknown): boolean =>
  typeof (error as { message?: unknown } | null)?.message === 'string';

/** Parses JSON. Returns undefined for other text, because the error of `JSON.parse` quotes it. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
