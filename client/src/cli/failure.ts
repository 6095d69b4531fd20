import { type ErrorCode, PulseStreamError } from '../errors.js';
import { CommandError, EXIT } from './exit-codes.js';

/** The exit code of every error of the client. */
const EXIT_CODES = {
  invalid_options: EXIT.configuration,
  identity_unavailable: EXIT.configuration,
  invalid_request: EXIT.usage,
  payload_too_large: EXIT.usage,
  unsupported_media_type: EXIT.internal,
  installation_ambiguous: EXIT.usage,
  unauthenticated: EXIT.refused,
  forbidden: EXIT.refused,
  not_found: EXIT.notFound,
  not_connected: EXIT.notFound,
  installation_suspended: EXIT.notFound,
  installation_deleted: EXIT.notFound,
  repository_not_accessible: EXIT.notFound,
  rate_limited: EXIT.tryAgain,
  minting_stopped: EXIT.tryAgain,
  overloaded: EXIT.tryAgain,
  audit_unavailable: EXIT.tryAgain,
  database_unavailable: EXIT.tryAgain,
  github_unavailable: EXIT.tryAgain,
  github_error: EXIT.unavailable,
  unreachable: EXIT.unavailable,
  timeout: EXIT.unavailable,
  unexpected_answer: EXIT.unavailable,
  internal: EXIT.unavailable,
  ended: EXIT.internal,
} as const satisfies Record<ErrorCode, number>;

/** Advice that the control plane cannot give, because only this command has it. */
const ADVICE: Partial<Record<ErrorCode, string>> = {
  installation_ambiguous: 'Name a repository with --repo.',
  unauthenticated:
    'Check the key or the trust rule. If rules of several workspaces match, set PULSESTREAM_WORKSPACE.',
};

/**
 * Returns the exit code and the message for an error. Messages of the client and of the control plane hold no
 * credentials. The text of any other error is left out, because nobody has checked it.
 */
export function describeFailure(error: unknown): { exitCode: number; message: string } {
  if (error instanceof CommandError) return { exitCode: error.exitCode, message: error.message };
  if (!(error instanceof PulseStreamError))
    return { exitCode: EXIT.internal, message: `Unexpected ${errorName(error)}.` };
  const { code, message, requestId } = error;
  const advice = ADVICE[code];
  return {
    exitCode: EXIT_CODES[code],
    message: `${message}${advice ? ` ${advice}` : ''} (${code}${requestId ? `, request ${requestId}` : ''})`,
  };
}

/** Returns the name or the code of an error, such as `ENOSPC`. */
function errorName(error: unknown): string {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  return (
    [code, name].find((text) => typeof text === 'string' && /^\w{1,60}$/.test(text))?.toString() ?? 'error'
  );
}
