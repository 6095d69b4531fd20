import { withoutSecrets } from './secrets.js';

/** The error codes of the control plane that a service can receive. */
export const PROBLEM_CODES = [
  'invalid_request',
  'unauthenticated',
  'forbidden',
  'not_found',
  'not_connected',
  'installation_suspended',
  'installation_deleted',
  'payload_too_large',
  'unsupported_media_type',
  'installation_ambiguous',
  'repository_not_accessible',
  'rate_limited',
  'internal',
  'github_error',
  'github_unavailable',
  'minting_stopped',
  'audit_unavailable',
  'overloaded',
  'database_unavailable',
] as const;

export type ProblemCode = (typeof PROBLEM_CODES)[number];

/** The error codes of this client, for failures without a usable response. */
export type ClientErrorCode =
  /** An option of `createClient` or of a call is missing, contradictory or unsafe. */
  | 'invalid_options'
  /** The key or identity token could not be read or requested. */
  | 'identity_unavailable'
  /** No connection, or it broke. A mint may have taken effect if it broke after the request was sent. */
  | 'unreachable'
  /** The deadline of the call has passed. */
  | 'timeout'
  /** A redirect, an oversized or unreadable body, or a status that the API does not have. */
  | 'unexpected_answer'
  /** `token()` was called after the work of `withToken` had ended. */
  | 'ended';

export type ErrorCode = ProblemCode | ClientErrorCode;

/** Names an invalid field. For `installation_ambiguous` it names an installation to choose from. */
export type FieldError = {
  path: string;
  message: string;
  installation_id?: number;
  account?: { login: string; type: string };
};

/**
 * Whether the same call may be sent again. `safe`: no token can have been issued. `if_idempotent`: the call may have
 * taken effect. `no`: the response would be the same.
 */
export type RetrySafety = 'safe' | 'if_idempotent' | 'no';

export type ErrorDetails = {
  retry?: RetrySafety | undefined;
  status?: number | undefined;
  requestId?: string | undefined;
  errors?: readonly FieldError[] | undefined;
  retryAfterSeconds?: number | undefined;
  /** Why GitHub rejected the request, such as `ip_allow_list`. */
  githubCause?: string | undefined;
};

/**
 * The error of every failed call. Distinguish errors by `code`. No property holds a key, an identity token or an
 * installation token.
 */
export class PulseStreamError extends Error {
  override readonly name = 'PulseStreamError';
  readonly code: ErrorCode;
  /** The HTTP status, if the control plane responded. */
  readonly status: number | undefined;
  /** Identifies the request in the logs and the audit log of the control plane. */
  readonly requestId: string | undefined;
  readonly errors: readonly FieldError[];
  readonly retryAfterSeconds: number | undefined;
  readonly githubCause: string | undefined;
  readonly retry: RetrySafety;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    // Without a cause: the text of a foreign error may quote a header or a body.
    super(withoutSecrets(message));
    this.code = code;
    this.status = details.status;
    this.requestId = details.requestId;
    this.errors = details.errors ?? [];
    this.retryAfterSeconds = details.retryAfterSeconds;
    this.githubCause = details.githubCause;
    this.retry = details.retry ?? 'no';
  }
}
