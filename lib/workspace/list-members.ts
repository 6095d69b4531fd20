import type { Member, Role } from '../contract/members';
import { type List, searchText } from '../contract/pagination';
import type { MemberSort, Sorted } from '../contract/sort';
import { byText, byTime, keyset } from '../db/keyset';
import { likeLiteral, query, type Sql, sql } from '../db/sql';

/** Puts owners first, then admins. Members with the same role are sorted by email. */
const BY_ROLE = sql`CASE m.role WHEN 'owner' THEN '0' WHEN 'admin' THEN '1' ELSE '2' END || u.email`;

const sortedBy = keyset<MemberSort>(
  {
    name: byText(sql`coalesce(u.name, u.email)`),
    role: byText(BY_ROLE),
    joined: byTime(sql`m.created_at`),
  },
  sql`u.id`,
);

type MemberPage = {
  /** Part of a name or an email address, in any case. */
  q: string;
  sorted: Sorted<MemberSort>;
  cursor?: string | undefined;
  limit: number;
};

const matches = (text: Sql, q: string) =>
  sql`lower(${text}) LIKE lower(${`%${likeLiteral(searchText(q))}%`})`;

const MEMBERS = sql`memberships m JOIN users u ON u.id = m.user_id`;

const matchesMember = (workspaceId: string, q: string) => sql`m.workspace_id = ${workspaceId}::uuid
  AND (${matches(sql`u.email`, q)} OR ${matches(sql`coalesce(u.name, '')`, q)})`;

/**
 * Lists a page of the members that a search finds. Pending invitations are listed by {@link searchInvitations}.
 *
 * @returns the page, and the number of members on all pages
 * @throws {Problem} `invalid_request` if the cursor was not issued by this app for this order
 */
export async function searchMembers(
  workspaceId: string,
  { q, sorted, ...page }: MemberPage,
): Promise<List<Member> & { total: number }> {
  const { place, isAfter, orderBy, limit, toList } = sortedBy(sorted, page);
  const isFound = matchesMember(workspaceId, q);
  const [rows, [counted]] = await Promise.all([
    query(
      'work',
      sql<MemberRow>`SELECT u.id, u.email, u.name, m.role::text AS role, m.created_at, ${place} AS place
        FROM ${MEMBERS} WHERE ${isFound} AND ${isAfter} ORDER BY ${orderBy} LIMIT ${limit}`,
    ),
    query('work', sql<{ total: number }>`SELECT count(*)::int AS total FROM ${MEMBERS} WHERE ${isFound}`),
  ]);
  const { data, next_cursor } = toList(rows);
  return {
    data: data.map(({ id, email, name, role, created_at }) => ({
      id,
      status: 'active',
      email,
      name,
      role,
      since: created_at.toISOString(),
      expires_at: null,
    })),
    next_cursor,
    total: counted?.total ?? 0,
  };
}

type MemberRow = {
  id: string;
  email: string;
  name: string | null;
  role: Role;
  created_at: Date;
  place: unknown;
};

/** Lists the pending invitations that a search finds by their address, those of owners first. */
export async function searchInvitations(workspaceId: string, q: string): Promise<Member[]> {
  const rows = await query(
    'work',
    sql<InvitationRow>`SELECT id, email, role::text AS role, created_at, expires_at FROM invitations
      WHERE workspace_id = ${workspaceId}::uuid AND accepted_at IS NULL AND expires_at > now()
        AND ${matches(sql`email`, q)}
      ORDER BY invitations.role, email, id`,
  );
  return rows.map(({ id, email, role, created_at, expires_at }) => ({
    id,
    status: 'invited',
    email,
    name: null,
    role,
    since: created_at.toISOString(),
    expires_at: expires_at.toISOString(),
  }));
}

type InvitationRow = { id: string; email: string; role: Role; created_at: Date; expires_at: Date };

/** Returns those of these invitations that are pending in the workspace, by their address. */
export function findPendingInvitations(
  workspaceId: string,
  ids: readonly string[],
): Promise<{ id: string; email: string; role: Role }[]> {
  return query(
    'work',
    sql<{ id: string; email: string; role: Role }>`SELECT id, email, role::text AS role FROM invitations
      WHERE workspace_id = ${workspaceId}::uuid AND accepted_at IS NULL AND expires_at > now()
        AND id = ANY(${ids}::uuid[]) ORDER BY email, id`,
  );
}

/** Counts a workspace's owners, since the last one can neither leave nor be demoted. */
export async function countOwners(workspaceId: string): Promise<number> {
  const [counted] = await query(
    'work',
    sql<{ owners: number }>`SELECT count(*)::int AS owners FROM memberships
      WHERE workspace_id = ${workspaceId}::uuid AND role = 'owner'`,
  );
  return counted?.owners ?? 0;
}
