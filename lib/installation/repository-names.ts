import { type Database, query, sql } from '../db/sql';

/** Returns the last known names of a workspace's repositories, even if they are no longer shared. */
export async function readRepositoryNames(
  db: Database,
  workspaceId: string,
  ids: bigint[],
): Promise<Map<bigint, string>> {
  if (ids.length === 0) return new Map();
  const rows = await query(
    db,
    sql<{ id: bigint; full_name: string }>`
      SELECT DISTINCT ON (r.id) r.id, r.owner || '/' || r.name AS full_name
      FROM repositories r JOIN installations i ON i.id = r.installation_id
      WHERE i.workspace_id = ${workspaceId}::uuid AND r.id = ANY(${ids}::bigint[])
      ORDER BY r.id, r.removed_at DESC NULLS FIRST`,
  );
  return new Map(rows.map((row) => [row.id, row.full_name]));
}
