/**
 * Measures what PostgreSQL does for the app, by `pg_stat_statements`. Its counts are exact as soon as a statement has
 * ended, while `pg_stat_database` may be ten seconds late.
 */
import type { Services } from '../local/services';
import { APP_ROLE, runAsSuperuser } from '../local/services/postgres/databases';

/** Settings that a PostgreSQL needs for {@link measureDatabaseWork}. */
export const COUNTS_STATEMENTS = {
  shared_preload_libraries: 'pg_stat_statements',
  'pg_stat_statements.track_planning': 'on',
};

export interface DatabaseWork {
  /** The time for planning and executing, in milliseconds. Waiting for the disk at COMMIT does not count. */
  ms: number;
  statements: number;
  /** Pages of 8 KiB that statements read, from memory or from disk. */
  buffers: number;
}

type Measured = Pick<Services, 'postgres' | 'database'>;

export async function prepareDatabaseWork({ postgres, database }: Measured): Promise<void> {
  await runAsSuperuser(
    postgres.server,
    (db) => db.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements'),
    database.name,
  );
}

/**
 * Extends the lease of a sync. While the list is written, this waits for the installation's row, so its time is part of
 * that of another statement.
 */
const WAITS = 'UPDATE installations SET sync_leased_until%';

/** Runs `work` and counts the statements of the app's role meanwhile. Only one measurement runs at a time. */
export async function measureDatabaseWork<T>(
  { postgres, database }: Measured,
  work: () => Promise<T>,
): Promise<DatabaseWork & { result: T }> {
  const ask = (text: string, values: string[] = []) =>
    runAsSuperuser(postgres.server, (db) => db.query<DatabaseWork>(text, values), database.name);
  await ask('SELECT pg_stat_statements_reset()');
  const result = await work();
  const { rows } = await ask(
    `SELECT coalesce(sum(total_plan_time + total_exec_time), 0)::float8 AS ms, coalesce(sum(calls), 0)::int AS statements,
        coalesce(sum(shared_blks_hit + shared_blks_read), 0)::int AS buffers
      FROM pg_stat_statements JOIN pg_database ON pg_database.oid = dbid WHERE datname = $1 AND userid = $2::regrole AND query NOT LIKE $3`,
    [database.name, APP_ROLE, WAITS],
  );
  if (rows[0] === undefined) throw new Error('no statements were counted');
  return { ...rows[0], result };
}
