import { randomUUID } from 'node:crypto';
import { getDb } from '../db/client';
import { execute, query, type Sql, sql } from '../db/sql';
import { GitHubError, githubProblem } from '../github/errors';
import type { Progress } from '../github/installations';
import { log } from '../observability/log';
import { Problem } from '../problem';

/**
 * The exclusive right to sync one installation. The lease is stored in the installation's row, because a database lock
 * would occupy a connection during calls to GitHub. It expires if the process crashes. Taking or renewing the lease
 * increments `revision`, so that a slow former holder can no longer write.
 */
export type Lease = {
  /** Identifies the holder, so that nobody else can extend or end the lease. */
  id: string;
  installationId: number;
  revision: bigint;
  workspaceId: string | null;
};

/**
 * How long a lease lasts unless the holder extends it. The time is short, so that a crashed process does not block the
 * next holder for long. Tests set a longer time, because a busy machine may extend a lease too late.
 */
export const leaseTime = { seconds: 10 };
/**
 * How often the holder extends its lease. Each extension also stores the progress, so the progress shown on pages is at
 * most this old.
 */
const EXTEND_EVERY_MS = 1000;

export const leasedUntil = () => sql`now() + make_interval(secs => ${leaseTime.seconds}::int)`;

/** Runs `work`, and calls `extend` repeatedly until `work` ends. */
export async function whileRepeating<T>(extend: () => Promise<unknown>, work: () => Promise<T>): Promise<T> {
  let isExtending = false;
  // Run only one update at a time. On a slow database, two updates could commit in the wrong order, so the progress
  // would go backwards.
  const extendOnce = async () => {
    if (isExtending) return;
    isExtending = true;
    await extend().catch(() => {});
    isExtending = false;
  };
  const timer = setInterval(extendOnce, EXTEND_EVERY_MS);
  timer.unref();
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

/**
 * The error stored while GitHub rate limits the app. Until the retry time, even a requested sync or reconcile pass must
 * wait.
 */
export const RATE_LIMITED = 'rate_limited';

const FIRST_RETRY_SECONDS = 30;
const LONGEST_RETRY_SECONDS = 3600;

/**
 * Returns the error code to store, and the time of the next attempt. The delay doubles with each failure, unless GitHub
 * requests a longer delay.
 */
export function failureOf(error: unknown, failures: Sql, longestSeconds: number) {
  const isProblem = error instanceof Problem;
  const problem = error instanceof GitHubError ? githubProblem(error) : isProblem ? error : undefined;
  return {
    code: error instanceof GitHubError ? error.reason : (problem?.code ?? 'internal'),
    retryAt: sql`now() + make_interval(secs => greatest(${problem?.retryAfterSeconds ?? 0}::int,
      least(${FIRST_RETRY_SECONDS}::int * power(2, least(${failures}, 10)), ${longestSeconds}::int)))`,
  };
}

type NoLease = 'busy' | 'gone' | 'ending';

type Row = { id: bigint; revision: bigint; workspace_id: string | null };

const toLease = (lease: string, row: Row | undefined): Lease | undefined =>
  row && { id: lease, installationId: Number(row.id), revision: row.revision, workspaceId: row.workspace_id };

/**
 * Takes an installation's lease.
 *
 * @returns the lease, or why it can't be taken. `gone`: the installation is deleted or unknown. `ending`: the
 *   installation seems to have ended, but GitHub must still confirm that. `busy`: another holder has the lease
 */
export async function takeLease(installationId: number): Promise<Lease | NoLease> {
  const lease = randomUUID();
  const [row] = await query(
    getDb(),
    sql<Row>`
      UPDATE installations SET revision = revision + 1, sync_lease = ${lease}::uuid, sync_read = NULL, sync_total = NULL,
        sync_leased_until = ${leasedUntil()}
      WHERE id = ${installationId} AND status <> 'deleted' AND end_seen_at IS NULL
        AND (sync_leased_until IS NULL OR sync_leased_until < now())
      RETURNING id, revision, workspace_id`,
  );
  return toLease(lease, row) ?? whyNot(installationId);
}

/**
 * When the installation was last synced. The expression must be the one of the indexes `installations_synced_idx` and
 * `installations_sync_requested_idx`.
 */
const LAST_SYNC = sql`coalesce(synced_at, '-infinity')`;

/**
 * Takes the lease on one installation that is due for a sync: a sync was requested, or the last sync is six hours old.
 * Installations without a workspace are due only on request, because no repositories are stored for them. Concurrent
 * replicas get different installations. Each of the two reasons has its own index, so the installations that are not
 * due are not read.
 *
 * @param ignoreBackoff whether to include installations that are waiting to retry after a failed sync, except after a
 *   rate limit
 */
export async function takeDueLease({
  ignoreBackoff,
  except,
}: {
  ignoreBackoff: boolean;
  /** Installations that the caller has already tried. */
  except: number[];
}): Promise<Lease | undefined> {
  const lease = randomUUID();
  const isFree = sql`status <> 'deleted' AND end_seen_at IS NULL
    AND (sync_leased_until IS NULL OR sync_leased_until < now())
    AND (sync_retry_at IS NULL OR sync_retry_at < now() OR (${ignoreBackoff} AND sync_error IS DISTINCT FROM ${RATE_LIMITED}))
    AND NOT (id = ANY (${except}::bigint[]))`;
  const [row] = await query(
    getDb(),
    sql<Row>`
      UPDATE installations SET revision = revision + 1, sync_lease = ${lease}::uuid, sync_read = NULL, sync_total = NULL,
        sync_leased_until = ${leasedUntil()}
      WHERE id = coalesce(
        (SELECT id FROM installations WHERE ${isFree} AND sync_requested_at IS NOT NULL
          ORDER BY sync_requested_at, ${LAST_SYNC} LIMIT 1 FOR UPDATE SKIP LOCKED),
        (SELECT id FROM installations WHERE ${isFree} AND workspace_id IS NOT NULL
          AND ${LAST_SYNC} < now() - interval '6 hours' ORDER BY ${LAST_SYNC} LIMIT 1 FOR UPDATE SKIP LOCKED))
      RETURNING id, revision, workspace_id`,
  );
  return toLease(lease, row);
}

/**
 * True if any requested sync hasn't finished. Another process, which may have crashed, may hold the lease. Or {@link
 * takeDueLease} may have skipped the installation because its row was locked.
 */
export async function isSyncPending(tried: number[]): Promise<boolean> {
  const rows = await query(
    getDb(),
    sql`
      SELECT 1 FROM installations
      WHERE status <> 'deleted' AND end_seen_at IS NULL AND sync_requested_at IS NOT NULL AND (sync_leased_until >= now()
        OR (NOT (id = ANY (${tried}::bigint[]))
          AND (sync_retry_at IS NULL OR sync_retry_at < now() OR sync_error IS DISTINCT FROM ${RATE_LIMITED}))) LIMIT 1`,
  );
  return rows.length > 0;
}

/** True if a sync of this installation was requested, and none has satisfied the request yet. */
export async function isSyncRequested(installationId: number): Promise<boolean> {
  const rows = await query(
    'work',
    sql`SELECT 1 FROM installations WHERE id = ${installationId} AND sync_requested_at IS NOT NULL`,
  );
  return rows.length > 0;
}

/**
 * Renews the lease to start another round.
 *
 * @returns the new lease; if the holder has lost the lease, a reason as in {@link takeLease}
 */
export async function renewLease({ id, installationId }: Lease): Promise<Lease | NoLease> {
  const [row] = await query(
    getDb(),
    sql<Row>`
      UPDATE installations SET revision = revision + 1,
        sync_leased_until = ${leasedUntil()}
      WHERE id = ${installationId} AND sync_lease = ${id}::uuid AND status <> 'deleted'
      RETURNING id, revision, workspace_id`,
  );
  return toLease(id, row) ?? whyNot(installationId);
}

/** Runs `work`, and extends the lease until `work` ends. Also stores the progress reported by `work`. */
export async function whileExtending<T>(
  { id, installationId }: Lease,
  work: (report: (progress: Progress) => void) => Promise<T>,
): Promise<T> {
  let progress: Progress | null = null;
  const extend = () =>
    execute(
      getDb(),
      sql`
        UPDATE installations SET sync_leased_until = ${leasedUntil()},
          sync_read = ${progress?.read ?? null}::int, sync_total = ${progress?.total ?? null}::int
        WHERE id = ${installationId} AND sync_lease = ${id}::uuid`,
    );
  return whileRepeating(extend, () =>
    work((reported) => {
      progress = reported;
    }),
  );
}

/** Ends the lease of a failed sync. Stores the cause, and when reconcile may retry. */
export async function endFailedLease({ id, installationId }: Lease, error: unknown): Promise<void> {
  const { code, retryAt } = failureOf(error, sql`sync_failures`, LONGEST_RETRY_SECONDS);
  log.warn({ err: error, installationId, code }, 'a sync failed');
  await execute(
    getDb(),
    sql`
      UPDATE installations SET sync_lease = NULL, sync_leased_until = NULL, sync_error = ${code},
        sync_failures = sync_failures + 1, sync_retry_at = ${retryAt}
      WHERE id = ${installationId} AND sync_lease = ${id}::uuid AND status <> 'deleted'`,
  );
}

/** Delay before the next sync of an installation that kept changing during the last one. */
const SUPERSEDED_RETRY_SECONDS = 5;

export async function endSupersededLease({ id, installationId }: Lease): Promise<void> {
  await execute(
    getDb(),
    sql`
      UPDATE installations SET sync_lease = NULL, sync_leased_until = NULL,
        sync_retry_at = now() + make_interval(secs => ${SUPERSEDED_RETRY_SECONDS}::int)
      WHERE id = ${installationId} AND sync_lease = ${id}::uuid AND status <> 'deleted'`,
  );
}

async function whyNot(installationId: number): Promise<NoLease> {
  const row = await getDb().installation.findUnique({
    where: { id: installationId },
    select: { status: true, endSeenAt: true },
  });
  if (row === null || row.status === 'deleted') return 'gone';
  return row.endSeenAt === null ? 'busy' : 'ending';
}
