import { randomUUID } from 'node:crypto';
import { getDb } from '../db/client';
import type { Progress } from '../github/installation-repositories';

/**
 * The right to sync one installation, held in its row rather than as a lock: calls to GitHub take seconds, and a lock
 * would hold a connection for as long. It runs out by itself if the process dies. Taking it, and starting anew under
 * it, counts `revision` up, so that a holder who was too slow cannot write any more.
 */
export type Lease = {
  /** Whose it is: only the holder renews or ends it. */
  id: string;
  installationId: number;
  revision: bigint;
  workspaceId: string | null;
};

/** Short, so that one of a process that died does not hold up the next; the holder extends it while it works. */
export const LEASE_SECONDS = 10;
/** Also how old the progress is at most that whoever waits for a sync is shown. */
const EXTEND_EVERY_MS = 1000;

type NoLease = 'busy' | 'gone' | 'ending';

type Row = { id: bigint; revision: bigint; workspace_id: string | null };

const toLease = (lease: string, row: Row | undefined): Lease | undefined =>
  row && { id: lease, installationId: Number(row.id), revision: row.revision, workspaceId: row.workspace_id };

/**
 * @returns `gone`: deleted, or not ours to know; `ending`: its end waits for a second witness; `busy`: somebody else's
 */
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
 * The lease of one installation that is due: asked for, or not synced for six hours. Unbound ones have no
 * repositories to go stale. Of two replicas that come at once, each gets another one.
 *
 * @param ignoreBackoff also what failed a moment ago, unless GitHub itself asked to be left alone
 */
export async function takeDueLease({
  ignoreBackoff,
  except,
}: {
  ignoreBackoff: boolean;
  /** What the caller has tried already. */
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
 * Whether an installation that was asked for is still to come: somebody is at it, perhaps a process that died, or
 * {@link takeDueLease} passed it over because a transaction held its row just then.
 */
export async function isAskedForStill(tried: number[]): Promise<boolean> {
  const rows = await getDb().$queryRaw<unknown[]>`
    SELECT 1 FROM installations
    WHERE status <> 'deleted' AND end_seen_at IS NULL AND sync_requested_at IS NOT NULL AND (sync_leased_until >= now()
      OR (NOT (id = ANY (${tried}::bigint[]))
        AND (sync_retry_at IS NULL OR sync_retry_at < now() OR sync_error IS DISTINCT FROM 'rate_limited'))) LIMIT 1`;
  return rows.length > 0;
}

/** Begins anew under the same lease. @returns as {@link takeLease} if it is not the holder's any more */
export async function renewLease({ id, installationId }: Lease): Promise<Lease | NoLease> {
  const [row] = await getDb().$queryRaw<Row[]>`
    UPDATE installations SET revision = revision + 1,
      sync_leased_until = now() + make_interval(secs => ${LEASE_SECONDS}::int)
    WHERE id = ${installationId} AND sync_lease = ${id}::uuid AND status <> 'deleted'
    RETURNING id, revision, workspace_id`;
  return toLease(id, row) ?? whyNot(installationId);
}

/** Keeps the lease while `work` runs, and notes with it what `work` reports of how far it has come. */
export async function whileExtending<T>(
  { id, installationId }: Lease,
  work: (report: (progress: Progress) => void) => Promise<T>,
): Promise<T> {
  let progress: Progress | null = null;
  let isExtending = false;
  // One at a time: on a slow database, two could be committed in the wrong order and the progress would go back.
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

/** Exponential from 30 s to an hour; GitHub's own `Retry-After` if that is longer. */
const FIRST_RETRY_SECONDS = 30;
const LONGEST_RETRY_SECONDS = 3600;

/** Ends a lease under which nothing could be stored: `code` says why, and reconcile waits before the next. */
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

/** Seconds that an installation which changes without pause is left alone. */
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
