import type { ApiKeyActor, UserActor } from '../actor';
import { reloadApiKey } from '../api-keys/authenticate';
import { requireMembership } from '../auth/membership';
import { notAccessible, type ScopedRepository } from './scope';

/**
 * Asks again whether the caller may still mint for these repositories: the key is live and bound to them, or the user
 * is a member. The trigger `audit_events_mint_authority` decides the same for the row; this says why it refused.
 *
 * @throws {Problem} `unauthenticated`, `not_found`, `repository_not_accessible`: what a new request would get
 */
export async function requireAuthority(
  { workspaceId, actor }: { workspaceId: string; actor: UserActor | ApiKeyActor },
  repositories: ScopedRepository[] | undefined,
): Promise<void> {
  if (actor.type === 'user') return requireMembership(workspaceId, actor.id, 'member');
  const { repositoryIds } = await reloadApiKey(actor);
  if (repositoryIds === null) return;
  if (repositories === undefined || repositories.some(({ id }) => !repositoryIds.includes(id)))
    throw notAccessible('The API key is no longer bound to all of these repositories.');
}
