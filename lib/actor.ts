/** Who does something: this is what authorization decides on and what the audit log names. */
export type UserActor = { type: 'user'; id: string; label: string };
export type ApiKeyActor = {
  type: 'api_key';
  id: string;
  label: string;
  workspace: { id: string; slug: string };
  /** Ids of the repositories that the key is bound to; `null` when it is bound to none in particular. */
  repositoryIds: number[] | null;
};
type SystemActor = { type: 'system'; id: string; label: string };
export type Actor = UserActor | ApiKeyActor | SystemActor;

export const SYSTEM_SYNC: SystemActor = { type: 'system', id: 'system:sync', label: 'system:sync' };
/** What GitHub told us: by a signed delivery, or by its answer to a call. */
export const SYSTEM_GITHUB: SystemActor = { type: 'system', id: 'system:github', label: 'system:github' };
/** The operator's CLI. */
export const SYSTEM_CLI: SystemActor = { type: 'system', id: 'system:cli', label: 'system:cli' };
