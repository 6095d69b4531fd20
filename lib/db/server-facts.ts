import type { PoolClient } from 'pg';
import { getPool } from './pool';
import { query, sql } from './sql';

/** Version, settings and clock of the database server. */
export type ServerFacts = {
  version: string;
  synchronousCommit: string;
  /** True if a pooler passes our statements on to a connection of its own. */
  isPooled: boolean;
  databaseTime: Date;
  /** Our clock in the middle of the request. */
  ourTime: Date;
};

type Row = { version: string; synchronous_commit: string; pid: number; now: Date };

const FACTS = `SELECT current_setting('server_version') AS version,
  current_setting('synchronous_commit') AS synchronous_commit, pg_backend_pid() AS pid, clock_timestamp() AS now`;

/**
 * Reads version, settings and clock. A pooler gives its clients a process id of its own, so that it can pass on their
 * requests to cancel. So the id that we were given differs from the id of the backend that answers.
 *
 * @throws the database's error
 */
export async function readServerFacts(): Promise<ServerFacts> {
  const client: PoolClient & { processID?: number } = await getPool('work').connect();
  try {
    const began = Date.now();
    const { rows } = await client.query<Row>(FACTS);
    const ourTime = new Date((began + Date.now()) / 2);
    const [row] = rows;
    if (row === undefined) throw new Error('the database returned no row');
    return {
      version: row.version,
      synchronousCommit: row.synchronous_commit,
      isPooled: client.processID !== row.pid,
      databaseTime: row.now,
      ourTime,
    };
  } finally {
    client.release();
  }
}

/** SQLSTATEs of a missing privilege and of a missing table. */
const NOT_READABLE: ReadonlySet<string> = new Set(['42501', '42P01']);

/** True if the statement named a table that is missing or that the role may not read. */
export function isNotReadable(error: unknown): boolean {
  return error instanceof Error && 'code' in error && NOT_READABLE.has(String(error.code));
}

/**
 * Lists the migrations that were applied completely.
 *
 * @returns `undefined` if the app's role may not read them, because `db:migrate` of this version has not run
 * @throws the database's error
 */
export async function listAppliedMigrations(): Promise<string[] | undefined> {
  try {
    const rows = await query(
      'work',
      sql<{ name: string }>`SELECT migration_name AS name FROM _prisma_migrations
        WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`,
    );
    return rows.map(({ name }) => name);
  } catch (error) {
    if (isNotReadable(error)) return undefined;
    throw error;
  }
}
