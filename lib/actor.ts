export type UserActor = { type: 'user'; id: string; label: string };
export type ApiKeyActor = {
  type: 'api_key';
  id: string;
  label: string;
  workspace: { id: string; slug: string };
  /** The ids of the repositories that the key is bound to; `null` for an unbound key. */
  repositoryIds: number[] | null;
};
type SystemActor = { type: 'system'; id: string; label: string };

/**
 * The person or program behind an action. We check whether the actor is authorized, and the audit log names the actor
 * of each event.
 */
export type Actor = UserActor | ApiKeyActor | SystemActor;

export const SYSTEM_SYNC: SystemActor = { type: 'system', id: 'system:sync', label: 'system:sync' };
/** GitHub itself, as the source of a signed webhook or of a response to one of our calls. */
export const SYSTEM_GITHUB: SystemActor = { type: 'system', id: 'system:github', label: 'system:github' };
/** The operator's CLI. */
export const SYSTEM_CLI: SystemActor = { type: 'system', id: 'system:cli', label: 'system:cli' };

/**
 * Where a request came from. Without an HTTP request, as in a background sync, `clientIp` and `userAgent` are `null`.
 */
export type RequestOrigin = { requestId: string; clientIp: string | null; userAgent: string | null };
