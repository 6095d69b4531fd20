import { randomUUID } from 'node:crypto';
import { getDb } from '../db/client';
import { execute, query, type Sql, sql } from '../db/sql';
import { GitHubError, githubProblem } from '../github/errors';
import type { Progress } from '../github/installations';
import { log } from '../observability/log';

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

const leasedUntil = sql`now() + make_interval(secs => ${LEASE_SECONDS}::int)`;

/** Runs `extend` again and again while `work` runs. */
async function whileRepeating<T>(extend: () => Promise<unknown>, work: () => Promise<T>): Promise<T> {
  let isExtending = false;
  // One update at a time: on a slow database, two could commit in the wrong order and the progress would go back.
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

/** GitHub rate limits. Even a requested sync or pass waits then. */
const RATE_LIMITED = 'rate_limited';

const FIRST_RETRY_SECONDS = 30;
const LONGEST_RETRY_SECONDS = { sync: 3600, pass: 1800 } as const;

/** Returns the code to store for a failure, and when to retry: the delay doubles, unless GitHub asks for a longer one. */
function failureOf(error: unknown, failures: Sql, longestSeconds: number) {
  const problem = error instanceof GitHubError ? githubProblem(error) : undefined;
  return {
    code: error instanceof GitHubError ? error.reason : 'internal',
    retryAt: sql`now() + make_interval(secs => greatest(${problem?.retryAfterSeconds ?? 0}::int,
      least(${FIRST_RETRY_SECONDS}::int * power(2, least(${failures}, 10)), ${longestSeconds}::int)))`,
  };
}

type NoLease = 'busy' | 'gone' | 'ending';

type Row = { id: bigint; revision: bigint; workspace_id: string | null };

const toLease = (lease: string, row: Row | undefined): Lease | undefined =>
  row && { id: lease, installationId: Number(row.id), revision: row.revision, workspaceId: row.workspace_id };

/** @returns `gone`: deleted or unknown; `ending`: its end waits for a second witness; `busy`: another holder has it */
export async function takeLease(installationId: number): Promise<Lease | NoLease> {
  const lease = randomUUID();
  const [row] = await query(
    getDb(),
    sql<Row>`
      UPDATE installations SET revision = revision + 1, sync_lease = ${lease}::uuid, sync_read = NULL, sync_total = NULL,
        sync_leased_until = ${leasedUntil}
      WHERE id = ${installationId} AND status <> 'deleted' AND end_seen_at IS NULL
        AND (sync_leased_until IS NULL OR sync_leased_until < now())
      RETURNING id, revision, workspace_id`,
  );
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
  const [row] = await query(
    getDb(),
    sql<Row>`
      UPDATE installations SET revision = revision + 1, sync_lease = ${lease}::uuid, sync_read = NULL, sync_total = NULL,
        sync_leased_until = ${leasedUntil}
      WHERE id = (
        SELECT id FROM installations
        WHERE status <> 'deleted' AND end_seen_at IS NULL AND (sync_leased_until IS NULL OR sync_leased_until < now())
          AND (sync_retry_at IS NULL OR sync_retry_at < now() OR (${ignoreBackoff} AND sync_error IS DISTINCT FROM ${RATE_LIMITED}))
          AND NOT (id = ANY (${except}::bigint[]))
          AND (sync_requested_at IS NOT NULL
            OR (workspace_id IS NOT NULL AND (synced_at IS NULL OR synced_at < now() - interval '6 hours')))
        ORDER BY sync_requested_at NULLS LAST, synced_at NULLS FIRST LIMIT 1 FOR UPDATE SKIP LOCKED)
      RETURNING id, revision, workspace_id`,
  );
  return toLease(lease, row);
}

/**
 * Returns whether a requested sync is still open. Another process, perhaps a dead one, may hold the lease, or
 * {@link takeDueLease} may have skipped a locked row.
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

/** Starts again under the same lease. @returns as {@link takeLease} if the holder has lost it */
export async function renewLease({ id, installationId }: Lease): Promise<Lease | NoLease> {
  const [row] = await query(
    getDb(),
    sql<Row>`
      UPDATE installations SET revision = revision + 1,
        sync_leased_until = ${leasedUntil}
      WHERE id = ${installationId} AND sync_lease = ${id}::uuid AND status <> 'deleted'
      RETURNING id, revision, workspace_id`,
  );
  return toLease(id, row) ?? whyNot(installationId);
}

/** Extends the lease while `work` runs, and stores the progress that `work` reports. */
export async function whileExtending<T>(
  { id, installationId }: Lease,
  work: (report: (progress: Progress) => void) => Promise<T>,
): Promise<T> {
  let progress: Progress | null = null;
  const extend = () =>
    execute(
      getDb(),
      sql`
        UPDATE installations SET sync_leased_until = ${leasedUntil},
          sync_read = ${progress?.read ?? null}::int, sync_total = ${progress?.total ?? null}::int
        WHERE id = ${installationId} AND sync_lease = ${id}::uuid`,
    );
  return whileRepeating(extend, () =>
    work((reported) => {
      progress = reported;
    }),
  );
}

/** Ends the lease of a failed sync, and stores the cause. Reconcile waits before the next attempt. */
export async function endFailedLease({ id, installationId }: Lease, error: unknown): Promise<void> {
  const { code, retryAt } = failureOf(error, sql`sync_failures`, LONGEST_RETRY_SECONDS.sync);
  log.warn({ err: error, installationId, code }, 'a sync failed');
  await execute(
    getDb(),
    sql`
      UPDATE installations SET sync_lease = NULL, sync_leased_until = NULL, sync_error = ${code},
        sync_failures = sync_failures + 1, sync_retry_at = ${retryAt}
      WHERE id = ${installationId} AND sync_lease = ${id}::uuid AND status <> 'deleted'`,
  );
}

/** The pause before an installation that changes without pause is synced again. */
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

/** The right to run a pass. One replica has it at a time. */
export type Pass = { lease: string; startedAt: Date };

/** The passes that satisfy a caller, by the database's clock. */
type Wanted =
  /** The caller waits for a pass that begins after this time. Only GitHub's `Retry-After` delays it. */
  | { beganAfter: Date }
  /** The loop: a recent pass is enough, and a failed one delays the next. */
  | { withinSeconds: number };

/** @returns `undefined` if another replica runs a pass, or none is due now */
export async function beginPass(wanted: Wanted): Promise<Pass | undefined> {
  const lease = randomUUID();
  const beganAfter = 'beganAfter' in wanted ? wanted.beganAfter : null;
  const within = 'withinSeconds' in wanted ? wanted.withinSeconds : 0;
  const [row] = await query(
    getDb(),
    sql<{ started_at: Date }>`
      UPDATE reconcile_state SET lease = ${lease}::uuid, leased_until = ${leasedUntil}
      WHERE (leased_until IS NULL OR leased_until < now())
        AND (retry_at IS NULL OR retry_at < now()
          OR (${beganAfter}::timestamptz IS NOT NULL AND error IS DISTINCT FROM ${RATE_LIMITED}))
        AND (checked_at IS NULL
          OR checked_at < coalesce(${beganAfter}::timestamptz, now() - make_interval(secs => ${within}::int)))
      RETURNING now() AS started_at`,
  );
  return row && { lease, startedAt: row.started_at };
}

export function whileExtendingPass<T>({ lease }: Pass, work: () => Promise<T>): Promise<T> {
  const extend = () =>
    execute(
      getDb(),
      sql`UPDATE reconcile_state SET leased_until = ${leasedUntil} WHERE lease = ${lease}::uuid`,
    );
  return whileRepeating(extend, work);
}

export async function endPass({ lease, startedAt }: Pass): Promise<void> {
  await execute(
    getDb(),
    sql`
      UPDATE reconcile_state SET lease = NULL, leased_until = NULL, checked_at = ${startedAt}, failures = 0,
        retry_at = NULL, error = NULL
      WHERE lease = ${lease}::uuid`,
  );
}

/** Ends a failed pass. The next one waits, unless a caller requests it. */
export async function endFailedPass({ lease }: Pass, error: unknown): Promise<void> {
  const { code, retryAt } = failureOf(error, sql`failures`, LONGEST_RETRY_SECONDS.pass);
  await execute(
    getDb(),
    sql`
      UPDATE reconcile_state SET lease = NULL, leased_until = NULL, failures = failures + 1,
        error = ${code}, retry_at = ${retryAt}
      WHERE lease = ${lease}::uuid`,
  );
}

export async function readDatabaseClock(): Promise<Date> {
  const [row] = await query(getDb(), sql<{ now: Date }>`SELECT now() AS now`);
  return row?.now ?? new Date();
}

/** Returns whether a pass is running. If not, a pass that `beginPass` refused ran elsewhere, or GitHub rate limits. */
export async function isPassUnderWay(): Promise<boolean> {
  const rows = await query(getDb(), sql`SELECT 1 FROM reconcile_state WHERE leased_until >= now()`);
  return rows.length > 0;
}
