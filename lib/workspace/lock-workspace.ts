import type { Actor } from '../auth/actor';
import { hasRole, type Role } from '../contract/members';
import type { Transaction } from '../db/client';
import { notFound, Problem } from '../problem';

/**
 * Serialises all changes of a workspace's people until commit. `NO KEY`, so that it does not stop rows that merely
 * refer to the workspace.
 *
 * @throws {Problem} `not_found`
 */
export async function lockWorkspace(tx: Transaction, workspaceId: string): Promise<void> {
  const rows = await tx.$queryRaw<unknown[]>`
    SELECT 1 FROM workspaces WHERE id = ${workspaceId}::uuid FOR NO KEY UPDATE`;
  if (rows.length === 0) throw notFound();
}

/**
 * What the actor may do to people, read under the lock: an admin who is being removed at this moment decides nothing.
 *
 * @throws {Problem} `forbidden` for members below admin, outsiders and API keys
 */
export async function readAuthority(tx: Transaction, workspaceId: string, actor: Actor): Promise<Role> {
  if (actor.type === 'system') return 'owner';
  if (actor.type === 'user') {
    const membership = await tx.membership.findUnique({
      where: { workspaceId_userId: { workspaceId, userId: actor.id } },
      select: { role: true },
    });
    if (membership !== null && hasRole(membership.role, 'admin')) return membership.role;
  }
  throw new Problem('forbidden', 'Only owners and admins manage the people of a workspace.');
}

/** @throws {Problem} `forbidden` unless an owner, when somebody becomes, is or was to become an owner */
export function requireAuthorityOver(authority: Role, roles: readonly Role[]): void {
  if (roles.includes('owner') && authority !== 'owner')
    throw new Problem('forbidden', 'Only owners make, change or remove an owner.');
}
