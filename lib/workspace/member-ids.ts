import { query, sql } from '../db/sql';

/** Returns the ids of those addresses that belong to members, so that a page can link to them. */
export async function findMemberIds(
  workspaceId: string,
  emails: readonly (string | null)[],
): Promise<ReadonlyMap<string, string>> {
  const asked = [...new Set(emails.filter((email) => email !== null))];
  if (asked.length === 0) return new Map();
  const rows = await query(
    'work',
    sql<{ id: string; email: string }>`SELECT u.id, u.email FROM users u
      JOIN memberships m ON m.user_id = u.id AND m.workspace_id = ${workspaceId}::uuid
      WHERE u.email = ANY (${asked}::text[])`,
  );
  return new Map(rows.map(({ id, email }) => [email, id]));
}
