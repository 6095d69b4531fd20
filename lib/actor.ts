export type UserActor = { type: 'user'; id: string; label: string };
export type ApiKeyActor = {
  type: 'api_key';
  id: string;
  label: string;
  workspace: { id: string; slug: string };
  /** The ids of the repositories to which the key is bound, or `null` for an unbound key. */
  repositoryIds: number[] | null;
};
type SystemActor = { type: 'system'; id: string; label: string };

/**
 * A person or program that acts. Authorization is checked for actors, and the audit log names the actor of each event.
 */
export type Actor = UserActor | ApiKeyActor | SystemActor;

export const SYSTEM_SYNC: SystemActor = { type: 'system', id: 'system:sync', label: 'system:sync' };
/** GitHub itself, as the source of a signed delivery or of a response to our call. */
export const SYSTEM_GITHUB: SystemActor = { type: 'system', id: 'system:github', label: 'system:github' };
/** The operator's CLI. */
export const SYSTEM_CLI: SystemActor = { type: 'system', id: 'system:cli', label: 'system:cli' };

/** Where a request came from. `clientIp` and `userAgent` are `null` if the system itself acts. */
export type RequestOrigin = { requestId: string; clientIp: string | null; userAgent: string | null };
