import { randomUUID } from 'node:crypto';
import { getDb } from '../db/client';
import { execute, query, sql } from '../db/sql';
import { failureOf, leasedUntil, RATE_LIMITED, whileRepeating } from './lease';

const LONGEST_RETRY_SECONDS = 1800;

/** The exclusive right to run a reconcile pass, which only one replica has at a time. */
export type Pass = { lease: string; startedAt: Date };

/** The kind of pass that a caller needs. Times are by the database's clock. */
type Wanted =
  /**
   * The caller needs a pass that begins after this time. Earlier failures do not delay that pass, unless GitHub rate
   * limits the app.
   */
  | { beganAfter: Date }
  /** For the reconcile loop. A pass that began within this time is enough, and earlier failures delay the next pass. */
  | { withinSeconds: number };

/**
 * Starts a pass.
 *
 * @returns the pass; `undefined` if another replica is running one, or if no pass is due
 */
export async function beginPass(wanted: Wanted): Promise<Pass | undefined> {
  const lease = randomUUID();
  const beganAfter = 'beganAfter' in wanted ? wanted.beganAfter : null;
  const within = 'withinSeconds' in wanted ? wanted.withinSeconds : 0;
  const [row] = await query(
    getDb(),
    sql<{ started_at: Date }>`
      UPDATE reconcile_state SET lease = ${lease}::uuid, leased_until = ${leasedUntil()}
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
      sql`UPDATE reconcile_state SET leased_until = ${leasedUntil()} WHERE lease = ${lease}::uuid`,
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

/** Ends a failed pass, and delays the next pass unless a caller requests one. */
export async function endFailedPass({ lease }: Pass, error: unknown): Promise<void> {
  const { code, retryAt } = failureOf(error, sql`failures`, LONGEST_RETRY_SECONDS);
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

/**
 * True if any replica is running a pass. If none is running although `beginPass` has just refused, another replica has
 * just finished its pass, or GitHub rate limits the app.
 */
export async function isPassUnderWay(): Promise<boolean> {
  const rows = await query(getDb(), sql`SELECT 1 FROM reconcile_state WHERE leased_until >= now()`);
  return rows.length > 0;
}
