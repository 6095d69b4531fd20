import { query, type Sql, sql } from '../db/sql';

/** The fields of an installation that a mint needs. */
export type StoredInstallation = {
  id: number;
  account_id: number;
  account_login: string;
  account_type: string;
  status: 'active' | 'suspended' | 'deleted';
  list_version: number;
  list_count: number;
  is_end_seen: boolean;
  /**
   * True if confirmation of the uninstall is overdue, because the process that was going to ask GitHub may have
   * crashed.
   */
  is_end_overdue: boolean;
};

/** A workspace's installations, ordered by id, and when they were read, by `performance.now()`. */
export type StoredInstallations = { rows: StoredInstallation[]; readAt: number };

/**
 * An expression for all installations of the workspace `w`, as one JSON value. Another statement can include it, which
 * saves a mint a round trip. A round trip costs more than reading the rows.
 */
export const INSTALLATIONS_OF_W: Sql = sql`(SELECT coalesce(json_agg(i ORDER BY i.id), '[]') FROM (
    SELECT id, account_id, account_login, account_type, status::text AS status,
      repository_list_version AS list_version, repository_count AS list_count,
      end_seen_at IS NOT NULL AS is_end_seen,
      coalesce(end_seen_at < now() - interval '10 seconds', false) AS is_end_overdue
    FROM installations WHERE workspace_id = w.id) AS i)`;

/** Reads a workspace's current installations. */
export async function readInstallations(workspaceId: string): Promise<StoredInstallation[]> {
  const [row] = await query(
    'mint',
    sql<{ rows: StoredInstallation[] }>`SELECT ${INSTALLATIONS_OF_W} AS rows
      FROM workspaces w WHERE w.id = ${workspaceId}::uuid`,
  );
  return row?.rows ?? [];
}
