import { hasRole, type Role, Slug } from '../contract/members';
import { getPool } from '../db/pool';
import { Problem } from '../problem';

/** A workspace as one of its members sees it. */
export type Membership = { id: string; slug: string; name: string; role: Role };

/**
 * Read from the database at every request, so that removing a member takes effect on the next one. On `pg` and
 * prepared because it lies on the mint's path: one round trip where Prisma takes two queries.
 *
 * @returns `null` when there is no such workspace or the user is no member: the caller must not learn which
 */
export async function findWorkspaceForUser(slug: string, userId: string): Promise<Membership | null> {
  if (!Slug.safeParse(slug).success) return null;
  const { rows } = await getPool().query<Membership>({
    name: 'membership',
    text: `SELECT w.id, w.slug, w.name, m.role::text AS role
      FROM workspaces w JOIN memberships m ON m.workspace_id = w.id
      WHERE w.slug = $1 AND m.user_id = $2::uuid`,
    values: [slug, userId],
  });
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
