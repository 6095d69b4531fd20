import { z } from 'zod';
import type {
  Installation as InstallationAnswer,
  RepositoriesQuery,
  Repository as RepositoryAnswer,
} from '../contract/installation';
import { GitHubId, type List, Text } from '../contract/pagination';
import { cursorOf } from '../cursor';
import { getDb } from '../db/client';
import { readInBulk } from '../db/read-in-bulk';
import { likeLiteral, query, sql } from '../db/sql';

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
  repository_count: bigint;
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
    getDb(),
    sql<Row>`
      SELECT i.*, i.status::text AS status, u.email AS connected_by,
        CASE WHEN i.sync_leased_until > now() THEN i.sync_read END AS sync_read,
        CASE WHEN i.status = 'deleted' THEN NULL WHEN i.end_seen_at IS NOT NULL THEN 'end_seen'
          ELSE coalesce(i.sync_error, s.error) END AS sync_error,
        CASE WHEN i.status <> 'deleted' AND s.checked_at > i.bound_at THEN greatest(i.synced_at, s.checked_at)
          ELSE i.synced_at END AS last_checked_at,
        CASE WHEN i.status <> 'deleted' THEN greatest(i.sync_retry_at, s.retry_at) END AS next_check_at,
        (SELECT count(*) FROM repositories r WHERE r.installation_id = i.id AND r.removed_at IS NULL) AS repository_count
      FROM installations i LEFT JOIN users u ON u.id = i.bound_by CROSS JOIN reconcile_state s
      WHERE i.workspace_id = ${workspaceId}::uuid
      ORDER BY i.status = 'deleted', i.bound_at DESC, i.id DESC`,
  );
  return rows.map((row) => ({
    id: Number(row.id),
    account: { id: Number(row.account_id), login: row.account_login, type: row.account_type },
    status: row.status,
    repository_selection: row.repository_selection,
    repository_count: Number(row.repository_count),
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

/** Limits which repositories a caller may list, whatever filter the caller sends. */
type RepositoryScope = {
  workspaceId: string;
  repositoryIds: number[] | null;
  /** Excludes suspended installations. Set for API keys, which list only repositories that can be read now. */
  onlyReadable?: boolean;
};

/**
 * The position after a page's last row. It includes the installation, because for a while after a transfer, two
 * installations share a repository. Cursors issued by older versions lack it.
 */
const Cursor = cursorOf(z.tuple([Text(200), Text(200), GitHubId, GitHubId.default(Number.MAX_SAFE_INTEGER)]));

type RepositoryRow = {
  id: bigint;
  installation_id: bigint;
  owner: string;
  name: string;
  clone_url: string;
  default_branch: string;
  private: boolean;
  archived: boolean;
};

/**
 * Lists the repositories of active and suspended installations, ordered by name. Pagination is by key, not by offset,
 * so the last page is as fast as the first.
 *
 * @throws {Problem} `invalid_request` if the cursor was not issued by this app; also whatever {@link readInBulk} throws
 */
export async function listRepositories(
  scope: RepositoryScope,
  filter: RepositoriesQuery,
): Promise<List<RepositoryAnswer>> {
  const [owner, name, id, installationId] =
    filter.cursor === undefined ? [null, null, null, null] : Cursor.decode(filter.cursor);
  const pattern = filter.q ? `%${likeLiteral(filter.q.toLowerCase())}%` : null;
  const { workspaceId, onlyReadable = false, repositoryIds } = scope;
  const ofInstallation = filter.installation_id ?? null;
  const statement = sql<RepositoryRow>`
    SELECT r.id, r.installation_id, r.owner, r.name, r.clone_url, r.default_branch, r.private, r.archived
    FROM repositories r JOIN installations i ON i.id = r.installation_id
    WHERE i.workspace_id = ${workspaceId}::uuid AND i.status <> 'deleted' AND r.removed_at IS NULL
      AND ((i.status = 'active' AND i.end_seen_at IS NULL) OR NOT ${onlyReadable}::boolean)
      AND (${ofInstallation}::bigint IS NULL OR r.installation_id = ${ofInstallation}::bigint)
      AND (${repositoryIds}::bigint[] IS NULL OR r.id = ANY (${repositoryIds}::bigint[]))
      AND (${pattern}::text IS NULL OR lower(r.owner || '/' || r.name) LIKE ${pattern}::text)
      AND (${id}::bigint IS NULL OR (r.owner, r.name, r.id, r.installation_id)
        > (${owner}::text, ${name}::text, ${id}::bigint, ${installationId}::bigint))
    ORDER BY r.owner, r.name, r.id, r.installation_id LIMIT ${filter.limit + 1}::int`;
  const rows = await readInBulk({ workspaceId, statement });
  const page = rows.slice(0, filter.limit);
  const last = page.at(-1);
  return {
    data: page.map((row) => ({
      id: Number(row.id),
      installation_id: Number(row.installation_id),
      full_name: `${row.owner}/${row.name}`,
      clone_url: row.clone_url,
      default_branch: row.default_branch,
      private: row.private,
      archived: row.archived,
    })),
    next_cursor:
      rows.length > filter.limit && last !== undefined
        ? Cursor.encode([last.owner, last.name, Number(last.id), Number(last.installation_id)])
        : null,
  };
}
