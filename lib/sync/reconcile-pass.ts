import { randomUUID } from 'node:crypto';
import { getDb } from '../db/client';
import { GitHubError, githubProblem } from '../github/error';

/** The right to run a pass. One replica has it at a time. */
export type Pass = { lease: string; startedAt: Date };

/** Short, like a sync's lease, and extended while the pass runs. */
const LEASE_SECONDS = 10;
const EXTEND_EVERY_MS = 3000;

const FIRST_RETRY_SECONDS = 30;
const LONGEST_RETRY_SECONDS = 1800;

/** The code of a rate limit, which delays even requested passes. */
const RATE_LIMITED = 'rate_limited';

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
  const [row] = await getDb().$queryRaw<{ started_at: Date }[]>`
    UPDATE reconcile_state SET lease = ${lease}::uuid,
      leased_until = now() + make_interval(secs => ${LEASE_SECONDS}::int)
    WHERE (leased_until IS NULL OR leased_until < now())
      AND (retry_at IS NULL OR retry_at < now()
        OR (${beganAfter}::timestamptz IS NOT NULL AND error IS DISTINCT FROM ${RATE_LIMITED}))
      AND (checked_at IS NULL
        OR checked_at < coalesce(${beganAfter}::timestamptz, now() - make_interval(secs => ${within}::int)))
    RETURNING now() AS started_at`;
  return row && { lease, startedAt: row.started_at };
}

export async function whileExtendingPass<T>({ lease }: Pass, work: () => Promise<T>): Promise<T> {
  const extend = () =>
    getDb()
      .$executeRaw`UPDATE reconcile_state SET leased_until = now() + make_interval(secs => ${LEASE_SECONDS}::int)
        WHERE lease = ${lease}::uuid`.catch(() => {});
  const timer = setInterval(extend, EXTEND_EVERY_MS);
  timer.unref();
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

export async function endPass({ lease, startedAt }: Pass): Promise<void> {
  await getDb().$executeRaw`
    UPDATE reconcile_state SET lease = NULL, leased_until = NULL, checked_at = ${startedAt}, failures = 0,
      retry_at = NULL, error = NULL
    WHERE lease = ${lease}::uuid`;
}

/** Ends a failed pass. The delay doubles from 30 s to half an hour; GitHub's `Retry-After` wins if it is longer. */
export async function endFailedPass({ lease }: Pass, error: unknown): Promise<void> {
  const problem = error instanceof GitHubError ? githubProblem(error) : undefined;
  const code = error instanceof GitHubError ? error.reason : 'internal';
  await getDb().$executeRaw`
    UPDATE reconcile_state SET lease = NULL, leased_until = NULL, failures = failures + 1,
      error = ${code},
      retry_at = now() + make_interval(secs => greatest(${problem?.retryAfterSeconds ?? 0}::int,
        least(${FIRST_RETRY_SECONDS}::int * power(2, least(failures, 10)), ${LONGEST_RETRY_SECONDS}::int)))
    WHERE lease = ${lease}::uuid`;
}

export async function readDatabaseClock(): Promise<Date> {
  const [row] = await getDb().$queryRaw<{ now: Date }[]>`SELECT now() AS now`;
  return row?.now ?? new Date();
}

/** Returns whether a pass is running. If not, a pass that `beginPass` refused ran elsewhere, or GitHub rate limits. */
export async function isPassUnderWay(): Promise<boolean> {
  const rows = await getDb().$queryRaw<unknown[]>`SELECT 1 FROM reconcile_state WHERE leased_until >= now()`;
  return rows.length > 0;
}
