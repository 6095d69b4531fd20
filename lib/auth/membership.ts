import type { Actor } from '../actor';
import { hasRole, type Role, Slug } from '../contract/members';
import type { Transaction } from '../db/client';
import { getPool } from '../db/pool';
import { notFound, Problem } from '../problem';

/** A workspace as one of its members sees it. */
export type Membership = { id: string; slug: string; name: string; role: Role };

/**
 * Read from the database at every request, so that removing a member takes effect on the next one. On `pg`
 * because it lies on the mint's path: one round trip where Prisma takes two queries.
 *
 * @returns `null` when there is no such workspace or the user is no member: the caller must not learn which
 */
export async function findWorkspaceForUser(slug: string, userId: string): Promise<Membership | null> {
  if (!Slug.safeParse(slug).success) return null;
  const { rows } = await getPool('mint').query<Membership>(
    `SELECT w.id, w.slug, w.name, m.role::text AS role
      FROM workspaces w JOIN memberships m ON m.workspace_id = w.id
      WHERE w.slug = $1 AND m.user_id = $2::uuid`,
    [slug, userId],
  );
  return rows[0] ?? null;
}

/** @throws {Problem} `forbidden` when the member's role is below `least` */
export function requireRole(membership: Pick<Membership, 'role'>, least: Role): void {
  if (!hasRole(membership.role, least))
    throw new Problem(
      'forbidden',
      `This needs the role "${least}" in this workspace; yours is "${membership.role}".`,
    );
}

/**
 * Checks again, outside of a transaction, what a request was authorized by when it began.
 *
 * @throws {Problem} `not_found` for a user who is not a member, `forbidden` below `least`: what a new request would get
 */
export async function requireMembership(workspaceId: string, userId: string, least: Role): Promise<void> {
  const { rows } = await getPool('mint').query<{ role: Role }>(
    `SELECT role::text AS role FROM memberships WHERE workspace_id = $1::uuid AND user_id = $2::uuid`,
    [workspaceId, userId],
  );
  if (rows[0] === undefined) throw notFound();
  requireRole(rows[0], least);
}

/**
 * Asked again where something is decided, and kept until commit: since the request began, perhaps while GitHub took
 * seconds to answer, the role may have been taken away, and what is decided may be for good.
 */
export async function isAdmin(tx: Transaction, workspaceId: string, userId: string): Promise<boolean> {
  const [membership] = await tx.$queryRaw<{ role: Role }[]>`
    SELECT role::text AS role FROM memberships
    WHERE workspace_id = ${workspaceId}::uuid AND user_id = ${userId}::uuid FOR SHARE`;
  return membership !== undefined && hasRole(membership.role, 'admin');
}

/**
 * The first thing in a transaction that only an admin, or the operator, may commit.
 *
 * @throws {Problem} `forbidden`
 */
export async function requireAdmin(tx: Transaction, workspaceId: string, actor: Actor): Promise<void> {
  if (actor.type === 'system') return;
  if (actor.type === 'user' && (await isAdmin(tx, workspaceId, actor.id))) return;
  throw new Problem('forbidden', 'This needs the role "admin" in this workspace.');
}
