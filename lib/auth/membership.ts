import type { Actor } from '../actor';
import { hasRole, type Role, Slug } from '../contract/members';
import type { Transaction } from '../db/client';
import { query, sql } from '../db/sql';
import { notFound, Problem } from '../problem';

/** A workspace, with the role of the member who reads it. */
export type Membership = { id: string; slug: string; name: string; role: Role };

/**
 * Finds a workspace and the user's role in it. Each request reads the database again, so a removal takes effect on
 * the user's next request. The query uses `pg`, because a mint waits for it: Prisma would make two round trips.
 *
 * @returns `null` for an unknown workspace and for an outsider; the caller must not learn which
 */
export async function findWorkspaceForUser(slug: string, userId: string): Promise<Membership | null> {
  if (!Slug.safeParse(slug).success) return null;
  const [membership] = await query(
    'mint',
    sql<Membership>`SELECT w.id, w.slug, w.name, m.role::text AS role
      FROM workspaces w JOIN memberships m ON m.workspace_id = w.id
      WHERE w.slug = ${slug} AND m.user_id = ${userId}::uuid`,
  );
  return membership ?? null;
}

/** @throws {Problem} `forbidden` if the member's role is below `least` */
export function requireRole(membership: Pick<Membership, 'role'>, least: Role): void {
  if (!hasRole(membership.role, least))
    throw new Problem(
      'forbidden',
      `This needs the role "${least}" in this workspace; yours is "${membership.role}".`,
    );
}

/**
 * Checks the authorization of a running request again, outside of a transaction.
 *
 * @throws {Problem} as a new request would: `not_found` for outsiders, `forbidden` below `least`
 */
export async function requireMembership(workspaceId: string, userId: string, least: Role): Promise<void> {
  const [membership] = await query(
    'mint',
    sql<{ role: Role }>`SELECT role::text AS role FROM memberships
      WHERE workspace_id = ${workspaceId}::uuid AND user_id = ${userId}::uuid`,
  );
  if (membership === undefined) throw notFound();
  requireRole(membership, least);
}

/**
 * Returns whether a user is an admin now, and keeps it so until commit. The role may have been revoked since the
 * request began, for example while GitHub took seconds to answer.
 */
export async function isAdmin(tx: Transaction, workspaceId: string, userId: string): Promise<boolean> {
  const [membership] = await query(
    tx,
    sql<{ role: Role }>`
      SELECT role::text AS role FROM memberships
      WHERE workspace_id = ${workspaceId}::uuid AND user_id = ${userId}::uuid FOR SHARE`,
  );
  return membership !== undefined && hasRole(membership.role, 'admin');
}

/**
 * Begins a transaction that only an admin, or the operator, may commit.
 *
 * @throws {Problem} `forbidden`
 */
export async function requireAdmin(tx: Transaction, workspaceId: string, actor: Actor): Promise<void> {
  if (actor.type === 'system') return;
  if (actor.type === 'user' && (await isAdmin(tx, workspaceId, actor.id))) return;
  throw new Problem('forbidden', 'This needs the role "admin" in this workspace.');
}
