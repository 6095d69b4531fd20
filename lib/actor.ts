export type UserActor = { type: 'user'; id: string; label: string };
export type ApiKeyActor = {
  type: 'api_key';
  id: string;
  label: string;
  workspace: { id: string; slug: string };
  /** The ids of the repositories that the key is bound to; `null` for an unbound key. */
  repositoryIds: number[] | null;
};
/** A service that authenticated with an identity token, which matched a trust rule (docs/decisions/0022). */
export type WorkloadActor = {
  type: 'workload';
  /** The trust rule's id. */
  id: string;
  /** The start of the token's subject. */
  label: string;
  workspace: { id: string; slug: string };
  /** The ids of the repositories that the rule grants; `null` if it grants all. */
  repositoryIds: number[] | null;
  issuer: string;
  subject: string;
  /** The rule as it was when it matched. */
  rule: { id: string; name: string; revision: number };
};
/** A program of a workspace. */
export type ServiceActor = ApiKeyActor | WorkloadActor;
type SystemActor = { type: 'system'; id: string; label: string };

/**
 * The person or program behind an action. We check whether the actor is authorized, and the audit log names the actor
 * of each event.
 */
export type Actor = UserActor | ServiceActor | SystemActor;

export const SYSTEM_SYNC: SystemActor = { type: 'system', id: 'system:sync', label: 'system:sync' };
/** GitHub itself, as the source of a signed webhook or of a response to one of our calls. */
export const SYSTEM_GITHUB: SystemActor = { type: 'system', id: 'system:github', label: 'system:github' };
/** The operator's CLI. */
export const SYSTEM_CLI: SystemActor = { type: 'system', id: 'system:cli', label: 'system:cli' };

/**
 * Where a request came from. Without an HTTP request, as in a background sync, `clientIp` and `userAgent` are `null`.
 */
export type RequestOrigin = { requestId: string; clientIp: string | null; userAgent: string | null };
