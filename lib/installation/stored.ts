import type { MintingStop } from '../contract/minting-stop';
import { constantSql, query, type Sql, sql } from '../db/sql';

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

/**
 * A workspace's installations, ordered by id, and the stop that keeps the caller from minting for them. `readAt` is when
 * both were read, by `performance.now()`.
 */
export type StoredInstallations = { rows: StoredInstallation[]; stop: MintingStop | null; readAt: number };

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

/** An expression for the stop `s`, as JSON. */
export const STOP: Sql = constantSql(`json_build_object('reason', s.reason, 'scope',
  CASE WHEN s.workspace_id IS NULL THEN 'everything' WHEN s.api_key_id IS NULL THEN 'workspace' ELSE 'api_key' END)`);

/**
 * An expression for a stop in force for the workspace `w` or the API key `k`; NULL if there is none. It stands in the
 * statement that each mint begins with, so a stop holds from the next request on, in every replica.
 */
export const STOP_OF_W_OR_K: Sql = sql`(SELECT ${STOP} FROM minting_stops s
    WHERE (s.workspace_id IS NULL OR s.workspace_id = w.id) AND (s.api_key_id IS NULL OR s.api_key_id = k.id) LIMIT 1)`;

/** As {@link STOP_OF_W_OR_K}, for a caller without an API key. */
export const STOP_OF_W: Sql = sql`(SELECT ${STOP} FROM minting_stops s
    WHERE (s.workspace_id IS NULL OR s.workspace_id = w.id) AND s.api_key_id IS NULL LIMIT 1)`;

/** A workspace, and the API key that mints for it; `null` if another caller does. */
export type Minter = { workspaceId: string; apiKeyId: string | null };

/** Reads a workspace's current installations, and the stop in force for this minter. */
export async function readInstallations({
  workspaceId,
  apiKeyId,
}: Minter): Promise<Omit<StoredInstallations, 'readAt'>> {
  const [row] = await query(
    'mint',
    sql<Omit<StoredInstallations, 'readAt'>>`SELECT ${INSTALLATIONS_OF_W} AS rows, ${STOP_OF_W_OR_K} AS stop
      FROM workspaces w LEFT JOIN api_keys k ON k.id = ${apiKeyId}::uuid WHERE w.id = ${workspaceId}::uuid`,
  );
  return row ?? { rows: [], stop: null };
}
