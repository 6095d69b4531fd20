import type { Repository } from '../contract/installation';
import { query, sql } from '../db/sql';
import { notFound } from '../problem';

/** A repository as its page shows it, even if it is no longer shared. */
export type RepositoryView = Repository & {
  account: string;
  /** `unshared` if GitHub no longer shares it, or its connection has ended. */
  state: 'readable' | 'suspended' | 'unshared';
  shared_since: string | null;
  unshared_at: string | null;
};

type Row = Omit<RepositoryView, 'id' | 'installation_id' | 'shared_since' | 'unshared_at'> & {
  id: bigint;
  installation_id: bigint;
  shared_since: Date | null;
  unshared_at: Date | null;
};

/**
 * Finds a repository that the workspace shares or has shared. After a transfer between two of its connections, the one
 * that shares the repository now counts.
 *
 * @throws {Problem} `not_found`
 */
export async function findRepository(workspaceId: string, id: number): Promise<RepositoryView> {
  const [row] = await query(
    'work',
    sql<Row>`
      SELECT r.id, r.installation_id, r.owner || '/' || r.name AS full_name, r.clone_url, r.default_branch, r.private,
        r.archived, i.account_login AS account,
        CASE WHEN r.removed_at IS NOT NULL OR i.status = 'deleted' THEN 'unshared'
          WHEN i.status = 'suspended' THEN 'suspended' ELSE 'readable' END AS state,
        p.from_time AS shared_since, coalesce(r.removed_at, i.deleted_at) AS unshared_at
      FROM repositories r JOIN installations i ON i.id = r.installation_id
      LEFT JOIN LATERAL (SELECT from_time FROM repository_periods p
        WHERE p.installation_id = r.installation_id AND p.repository_id = r.id
        ORDER BY p.from_version DESC LIMIT 1) AS p ON true
      WHERE r.id = ${id}::bigint AND i.workspace_id = ${workspaceId}::uuid
      ORDER BY r.removed_at IS NULL DESC, i.status, i.bound_at DESC LIMIT 1`,
  );
  if (row === undefined) throw notFound();
  return {
    ...row,
    id: Number(row.id),
    installation_id: Number(row.installation_id),
    shared_since: row.shared_since?.toISOString() ?? null,
    unshared_at: row.unshared_at?.toISOString() ?? null,
  };
}
