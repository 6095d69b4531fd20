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
export type SystemActor = { type: 'system'; id: string; label: string };
export type Actor = UserActor | ApiKeyActor | SystemActor;

export const SYSTEM_SYNC: SystemActor = { type: 'system', id: 'system:sync', label: 'system:sync' };
export const SYSTEM_WEBHOOK: SystemActor = { type: 'system', id: 'system:webhook', label: 'system:webhook' };
/** The operator's CLI. */
export const SYSTEM_CLI: SystemActor = { type: 'system', id: 'system:cli', label: 'system:cli' };
