import type { Installation as InstallationAnswer } from '../contract/installation';
import { query, sql } from '../db/sql';

/** An installation as the pages show it: the API's fields, plus how fresh the data is. */
export type InstallationView = InstallationAnswer & {
  /**
   * Why the last sync failed: a code from `lib/problem.ts`, or `end_seen` while GitHub does not show the installation.
   */
  sync_error: string | null;
  sync_pending: boolean;
  /** Progress of the running sync; `null` if no sync is running or GitHub has not sent the total yet. */
  sync_progress: { read: number; total: number } | null;
  /** The number of shared repositories that the last sync skipped because GitHub's data was unreadable. */
  skipped_count: number;
  /** When the installation was last checked with GitHub, by a sync or by a reconcile pass. */
  last_checked_at: string | null;
  /** After a failure, when the next sync may start. */
  next_check_at: string | null;
};

const time = (date: Date | null) => date?.toISOString() ?? null;

type Row = {
  id: bigint;
  account_id: bigint;
  account_login: string;
  account_type: string;
  status: 'active' | 'suspended' | 'deleted';
  repository_selection: 'all' | 'selected';
  repository_count: number;
  connected_by: string | null;
  bound_at: Date | null;
  synced_at: Date | null;
  suspended_at: Date | null;
  deleted_at: Date | null;
  sync_error: string | null;
  sync_requested_at: Date | null;
  end_seen_at: Date | null;
  sync_read: number | null;
  sync_total: number | null;
  sync_skipped: number;
  last_checked_at: Date | null;
  next_check_at: Date | null;
};

/**
 * Lists the workspace's installations, newest first, with deleted installations last. Deleted installations are kept as
 * history.
 */
export async function listInstallations(workspaceId: string): Promise<InstallationView[]> {
  const rows = await query(
    'work',
    sql<Row>`
      SELECT i.*, i.status::text AS status, u.email AS connected_by,
        CASE WHEN i.sync_leased_until > now() THEN i.sync_read END AS sync_read,
        CASE WHEN i.status = 'deleted' THEN NULL WHEN i.end_seen_at IS NOT NULL THEN 'end_seen'
          ELSE coalesce(i.sync_error, s.error) END AS sync_error,
        CASE WHEN i.status <> 'deleted' AND s.checked_at > i.bound_at THEN greatest(i.synced_at, s.checked_at)
          ELSE i.synced_at END AS last_checked_at,
        CASE WHEN i.status <> 'deleted' THEN greatest(i.sync_retry_at, s.retry_at) END AS next_check_at
      FROM installations i LEFT JOIN users u ON u.id = i.bound_by CROSS JOIN reconcile_state s
      WHERE i.workspace_id = ${workspaceId}::uuid
      ORDER BY i.status = 'deleted', i.bound_at DESC, i.id DESC`,
  );
  return rows.map((row) => ({
    id: Number(row.id),
    account: { id: Number(row.account_id), login: row.account_login, type: row.account_type },
    status: row.status,
    repository_selection: row.repository_selection,
    repository_count: row.repository_count,
    connected_by: row.connected_by,
    connected_at: time(row.bound_at),
    synced_at: time(row.synced_at),
    suspended_at: time(row.suspended_at),
    deleted_at: time(row.deleted_at),
    sync_error: row.sync_error,
    sync_pending: row.sync_requested_at !== null || (row.end_seen_at !== null && row.status !== 'deleted'),
    sync_progress:
      row.sync_read === null || row.sync_total === null
        ? null
        : { read: row.sync_read, total: row.sync_total },
    skipped_count: row.sync_skipped,
    last_checked_at: time(row.last_checked_at),
    next_check_at: time(row.next_check_at),
  }));
}

/** Returns the installation as the API shows it, without the fields that only pages use. */
export function toInstallationAnswer(view: InstallationView): InstallationAnswer {
  const {
    sync_error: _error,
    sync_pending: _pending,
    sync_progress: _progress,
    skipped_count: _skipped,
    last_checked_at: _checked,
    next_check_at: _next,
    ...answer
  } = view;
  return answer;
}
