import type { GitHubCause } from './contract/github-causes';
import type { MintingStop, StopScope } from './contract/minting-stop';

type ProblemRow = {
  status: number;
  title: string;
  /** The default for `Retry-After`. */
  retryAfterSeconds?: number;
};

/**
 * The status and title of every error code. Callers only ever see a `Problem`: `lib/http/failure.ts`, and nothing else,
 * converts other errors to `internal`.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9457
 */
export const PROBLEMS = {
  invalid_request: { status: 400, title: 'Invalid request' },
  unauthenticated: { status: 401, title: 'Authentication required' },
  invalid_signature: { status: 401, title: 'Invalid webhook signature' },
  forbidden: { status: 403, title: 'Forbidden' },
  not_found: { status: 404, title: 'Not found' },
  not_connected: { status: 409, title: 'GitHub is not connected' },
  installation_suspended: { status: 409, title: 'Installation suspended' },
  installation_deleted: { status: 409, title: 'Installation deleted' },
  installation_already_connected: { status: 409, title: 'Installation already connected' },
  payload_too_large: { status: 413, title: 'Payload too large' },
  unsupported_media_type: { status: 415, title: 'Unsupported media type' },
  installation_ambiguous: { status: 422, title: 'Installation ambiguous' },
  repository_not_accessible: { status: 422, title: 'Repository not accessible' },
  rate_limited: { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'Internal error' },
  github_error: { status: 502, title: 'GitHub refused the request', retryAfterSeconds: 10 },
  github_unavailable: { status: 503, title: 'GitHub is unavailable', retryAfterSeconds: 5 },
  minting_stopped: { status: 503, title: 'Minting is stopped', retryAfterSeconds: 60 },
  audit_unavailable: { status: 503, title: 'Audit log unavailable', retryAfterSeconds: 5 },
  evidence_unavailable: {
    status: 503,
    title: 'Evidence packs are not set up',
    retryAfterSeconds: 3600,
  },
  overloaded: { status: 503, title: 'Too busy', retryAfterSeconds: 5 },
  database_unavailable: { status: 503, title: 'Database unavailable', retryAfterSeconds: 5 },
  webhook_secret_not_configured: {
    status: 503,
    title: 'Webhook secret not configured',
    retryAfterSeconds: 60,
  },
} as const satisfies Record<string, ProblemRow>;

export type ProblemCode = keyof typeof PROBLEMS;

type FieldError = {
  path: string;
  message: string;
  /** Set only for `installation_ambiguous`: one of the installations to choose from. */
  installation_id?: number;
  account?: { login: string; type: string };
};

type ProblemOptions = {
  /** For the log only. The caller never sees it. */
  cause?: unknown;
  errors?: FieldError[];
  /** Whole seconds, sent as `Retry-After`. */
  retryAfterSeconds?: number;
  /** Why GitHub rejected the request, as a key of `GITHUB_CAUSES`. Sent as `cause`. */
  githubCause?: GitHubCause;
};

/** An error whose `message` the caller may read. Details that belong only in the log go into `cause`. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly errors: FieldError[] | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly githubCause: GitHubCause | undefined;

  constructor(code: ProblemCode, detail: string, options: ProblemOptions = {}) {
    super(detail, { cause: options.cause });
    this.code = code;
    this.errors = options.errors;
    this.githubCause = options.githubCause;
    const row: ProblemRow = PROBLEMS[code];
    this.retryAfterSeconds = options.retryAfterSeconds ?? row.retryAfterSeconds;
  }

  get status(): number {
    return PROBLEMS[this.code].status;
  }
}

/**
 * Returns the same problem for things that don't exist and things that the caller isn't allowed to see, so that the
 * caller can't tell which.
 */
export function notFound(): Problem {
  return new Problem('not_found', 'Not found, or you don’t have access.');
}

/**
 * Returns the problem for a service that was not authenticated. The text is the same for every reason, so that a caller
 * cannot tell which of them applies.
 */
export function refusedService(): Problem {
  return new Problem(
    'unauthenticated',
    'Send a valid API key of a workspace as "Authorization: Bearer psk_…", or an identity token that one of its trust rules matches.',
  );
}

const STOPPED = {
  everything: 'issuing tokens',
  workspace: 'issuing tokens for this workspace',
  api_key: 'issuing tokens for this API key',
} as const satisfies Record<StopScope, string>;

/** Returns the problem for a mint that the operator has stopped. */
export function mintingStopped({ scope, reason }: MintingStop): Problem {
  return new Problem('minting_stopped', `The operator has stopped ${STOPPED[scope]}. Reason: ${reason}`);
}
