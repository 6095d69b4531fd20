import type { Actor, RequestOrigin } from '../actor';
import { hasRole, type Role } from '../contract/members';
import type { Transaction } from '../db/client';
import { query, sql } from '../db/sql';
import { notFound, Problem } from '../problem';

/** The workspace, actor and origin of a change to members. Each transaction reads the actor's role again. */
export type MemberAdministration = { workspaceId: string; actor: Actor; origin: RequestOrigin };

/**
 * Locks the workspace until the transaction ends, so that changes to its members run one at a time. The lock is `NO
 * KEY`, so other transactions can still insert rows that reference the workspace.
 *
 * @throws {Problem} `not_found`
 */
export async function lockWorkspace(tx: Transaction, workspaceId: string): Promise<void> {
  const rows = await query(
    tx,
    sql`SELECT 1 FROM workspaces WHERE id = ${workspaceId}::uuid FOR NO KEY UPDATE`,
  );
  if (rows.length === 0) throw notFound();
}

/**
 * Starts a change to a workspace's members: locks the workspace, and reads the actor's role under the lock. So an admin
 * can't change anything once their own removal has committed.
 *
 * @throws {Problem} `forbidden` for plain members, outsiders and API keys; `not_found`
 */
export async function beginAdministration(
  tx: Transaction,
  { workspaceId, actor }: MemberAdministration,
): Promise<Role> {
  await lockWorkspace(tx, workspaceId);
  if (actor.type === 'system') return 'owner';
  const authority = actor.type === 'user' ? await readAuthority(tx, workspaceId, actor.id) : null;
  if (authority === null)
    throw new Problem('forbidden', 'Only owners and admins manage the people of a workspace.');
  return authority;
}

/**
 * Returns the user's role if the user is an owner or admin, and `null` otherwise. Call it under the workspace's lock.
 */
export async function readAuthority(
  tx: Transaction,
  workspaceId: string,
  userId: string,
): Promise<Role | null> {
  const membership = await tx.membership.findUnique({
    where: { workspaceId_userId: { workspaceId, userId } },
    select: { role: true },
  });
  return membership !== null && hasRole(membership.role, 'admin') ? membership.role : null;
}

/** True if a user with this role may manage members with the given roles. Only owners may manage owners. */
export function hasAuthorityOver(authority: Role | null, roles: readonly Role[]): boolean {
  return authority === 'owner' || (authority === 'admin' && !roles.includes('owner'));
}

/**
 * Requires what {@link hasAuthorityOver} checks.
 *
 * @throws {Problem} `forbidden` otherwise
 */
export function requireAuthorityOver(authority: Role, roles: readonly Role[]): void {
  if (!hasAuthorityOver(authority, roles))
    throw new Problem('forbidden', 'Only owners make, change or remove an owner.');
}

/**
 * Requires that the actor is an owner. Call it under the workspace's lock.
 *
 * @throws {Problem} `forbidden` otherwise
 */
export async function requireOwner(
  tx: Transaction,
  { workspaceId, actor }: Pick<MemberAdministration, 'workspaceId' | 'actor'>,
): Promise<void> {
  const authority = actor.type === 'user' ? await readAuthority(tx, workspaceId, actor.id) : null;
  if (authority !== 'owner') throw new Problem('forbidden', 'Only an owner of this workspace may do this.');
}
