import { randomUUID } from 'node:crypto';
import { getDb } from '../db/client';
import type { Progress } from '../github/installation-repositories';

/**
 * The right to sync one installation. It is stored in the row, because a lock would hold a connection during calls
 * to GitHub. It expires if the process dies. Taking or renewing it increments `revision`, so that a slow former
 * holder can no longer write.
 */
export type Lease = {
  /** Identifies the holder. Only the holder extends or ends the lease. */
  id: string;
  installationId: number;
  revision: bigint;
  workspaceId: string | null;
};

/** Short, so that a dead process does not block the next holder for long. The holder extends it while it works. */
export const LEASE_SECONDS = 10;
/** The interval of extensions, and the greatest age of the progress on a waiting page. */
const EXTEND_EVERY_MS = 1000;

type NoLease = 'busy' | 'gone' | 'ending';

type Row = { id: bigint; revision: bigint; workspace_id: string | null };

const toLease = (lease: string, row: Row | undefined): Lease | undefined =>
  row && { id: lease, installationId: Number(row.id), revision: row.revision, workspaceId: row.workspace_id };

/** @returns `gone`: deleted or unknown; `ending`: its end waits for a second witness; `busy`: another holder has it */
export async function takeLease(installationId: number): Promise<Lease | NoLease> {
  const lease = randomUUID();
  const [row] = await getDb().$queryRaw<Row[]>`
    UPDATE installations SET revision = revision + 1, sync_lease = ${lease}::uuid, sync_read = NULL, sync_total = NULL,
      sync_leased_until = now() + make_interval(secs => ${LEASE_SECONDS}::int)
    WHERE id = ${installationId} AND status <> 'deleted' AND end_seen_at IS NULL
      AND (sync_leased_until IS NULL OR sync_leased_until < now())
    RETURNING id, revision, workspace_id`;
  return toLease(lease, row) ?? whyNot(installationId);
}

/**
 * Takes the lease of one installation that is due: its sync was requested, or is six hours old. Unbound
 * installations have no repositories that could go stale. Concurrent replicas get different installations.
 *
 * @param ignoreBackoff also takes installations that failed a moment ago, unless GitHub rate limits
 */
export async function takeDueLease({
  ignoreBackoff,
  except,
}: {
  ignoreBackoff: boolean;
  /** Installations that the caller has tried already. */
  except: number[];
}): Promise<Lease | undefined> {
  const lease = randomUUID();
  const [row] = await getDb().$queryRaw<Row[]>`
    UPDATE installations SET revision = revision + 1, sync_lease = ${lease}::uuid, sync_read = NULL, sync_total = NULL,
      sync_leased_until = now() + make_interval(secs => ${LEASE_SECONDS}::int)
    WHERE id = (
      SELECT id FROM installations
      WHERE status <> 'deleted' AND end_seen_at IS NULL AND (sync_leased_until IS NULL OR sync_leased_until < now())
        AND (sync_retry_at IS NULL OR sync_retry_at < now() OR (${ignoreBackoff} AND sync_error IS DISTINCT FROM 'rate_limited'))
        AND NOT (id = ANY (${except}::bigint[]))
        AND (sync_requested_at IS NOT NULL
          OR (workspace_id IS NOT NULL AND (synced_at IS NULL OR synced_at < now() - interval '6 hours')))
      ORDER BY sync_requested_at NULLS LAST, synced_at NULLS FIRST LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id, revision, workspace_id`;
  return toLease(lease, row);
}

/**
 * Returns whether a requested sync is still open. Another process, perhaps a dead one, may hold the lease, or
 * {@link takeDueLease} may have skipped a locked row.
 */
export async function isAskedForStill(tried: number[]): Promise<boolean> {
  const rows = await getDb().$queryRaw<unknown[]>`
    SELECT 1 FROM installations
    WHERE status <> 'deleted' AND end_seen_at IS NULL AND sync_requested_at IS NOT NULL AND (sync_leased_until >= now()
      OR (NOT (id = ANY (${tried}::bigint[]))
        AND (sync_retry_at IS NULL OR sync_retry_at < now() OR sync_error IS DISTINCT FROM 'rate_limited'))) LIMIT 1`;
  return rows.length > 0;
}

/** Starts again under the same lease. @returns as {@link takeLease} if the holder has lost it */
export async function renewLease({ id, installationId }: Lease): Promise<Lease | NoLease> {
  const [row] = await getDb().$queryRaw<Row[]>`
    UPDATE installations SET revision = revision + 1,
      sync_leased_until = now() + make_interval(secs => ${LEASE_SECONDS}::int)
    WHERE id = ${installationId} AND sync_lease = ${id}::uuid AND status <> 'deleted'
    RETURNING id, revision, workspace_id`;
  return toLease(id, row) ?? whyNot(installationId);
}

/** Extends the lease while `work` runs, and stores the progress that `work` reports. */
export async function whileExtending<T>(
  { id, installationId }: Lease,
  work: (report: (progress: Progress) => void) => Promise<T>,
): Promise<T> {
  let progress: Progress | null = null;
  let isExtending = false;
  // One update at a time: on a slow database, two could commit in the wrong order and the progress would go back.
  const extend = async () => {
    if (isExtending) return;
    isExtending = true;
    await getDb()
      .$executeRaw`UPDATE installations SET sync_leased_until = now() + make_interval(secs => ${LEASE_SECONDS}::int),
          sync_read = ${progress?.read ?? null}::int, sync_total = ${progress?.total ?? null}::int
        WHERE id = ${installationId} AND sync_lease = ${id}::uuid`.catch(() => {});
    isExtending = false;
  };
  const timer = setInterval(extend, EXTEND_EVERY_MS);
  timer.unref();
  try {
    return await work((reported) => {
      progress = reported;
    });
  } finally {
    clearInterval(timer);
  }
}

/** Doubles from 30 s to an hour. GitHub's own `Retry-After` wins if it is longer. */
const FIRST_RETRY_SECONDS = 30;
const LONGEST_RETRY_SECONDS = 3600;

/** Ends the lease of a failed sync. `code` gives the reason, and reconcile waits before the next attempt. */
export async function endFailedLease(
  { id, installationId }: Lease,
  code: string,
  retryAfterSeconds: number | undefined,
): Promise<void> {
  await getDb().$executeRaw`
    UPDATE installations SET sync_lease = NULL, sync_leased_until = NULL, sync_error = ${code},
      sync_failures = sync_failures + 1,
      sync_retry_at = now() + make_interval(secs => greatest(${retryAfterSeconds ?? 0}::int,
        least(${FIRST_RETRY_SECONDS}::int * power(2, least(sync_failures, 10)), ${LONGEST_RETRY_SECONDS}::int)))
    WHERE id = ${installationId} AND sync_lease = ${id}::uuid AND status <> 'deleted'`;
}

/** The pause before an installation that changes without pause is synced again. */
const SUPERSEDED_RETRY_SECONDS = 5;

export async function endSupersededLease({ id, installationId }: Lease): Promise<void> {
  await getDb().$executeRaw`
    UPDATE installations SET sync_lease = NULL, sync_leased_until = NULL,
      sync_retry_at = now() + make_interval(secs => ${SUPERSEDED_RETRY_SECONDS}::int)
    WHERE id = ${installationId} AND sync_lease = ${id}::uuid AND status <> 'deleted'`;
}

async function whyNot(installationId: number): Promise<NoLease> {
  const row = await getDb().installation.findUnique({
    where: { id: installationId },
    select: { status: true, endSeenAt: true },
  });
  if (row === null || row.status === 'deleted') return 'gone';
  return row.endSeenAt === null ? 'busy' : 'ending';
}
