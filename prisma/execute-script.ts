import { setTimeout as sleep } from 'node:timers/promises';
import { DriverAdapterError } from '@prisma/driver-adapter-utils';
import pg from 'pg';

/**
 * How long a migration waits for a lock, in milliseconds. While it waits, other statements on the table queue behind
 * it, including those of mints. So it gives up within a second, lets them through and retries.
 */
const LOCK_TIMEOUT_MS = 800;
const PAUSE_MS = 1000;
/**
 * Maximum number of attempts, about five minutes in total. After that, an operator has to find out what is locking the
 * table.
 */
const ATTEMPTS = 170;

/** The SQLSTATEs of a lock timeout and of a deadlock. */
const LOCKED: ReadonlySet<string | undefined> = new Set(['55P03', '40P01']);
/**
 * The SQLSTATE of a missing privilege. An operator may grant the privilege to the database owner role, for example to
 * create an extension, and run the migration again.
 */
const INSUFFICIENT_PRIVILEGE = '42501';

/**
 * True if a migration that failed with this log may run again, because the cause was only a lock, a deadlock or a
 * missing privilege. Such a failure leaves nothing behind (see `executeScript`).
 */
export function mayRepeat(logs: string | null): boolean {
  return [...LOCKED, INSUFFICIENT_PRIVILEGE].some((code) => logs?.includes(`SQLSTATE ${code}`));
}

/** Matches a migration whose only statement builds or drops an index concurrently, and captures the index's name. */
const CONCURRENTLY =
  /^\s*(?:CREATE\s+(?:UNIQUE\s+)?|DROP\s+)INDEX\s+CONCURRENTLY\s+(?:IF\s+(?:NOT\s+)?EXISTS\s+)?"?(\w+)"?[^;]*;?\s*$/i;

function withoutComments(script: string): string {
  return script.replace(/--.*$/gm, '');
}

/**
 * True if a migration is a single `CREATE INDEX CONCURRENTLY` or `DROP INDEX CONCURRENTLY`. Such a migration is safe to
 * repeat after an interruption.
 */
export function isConcurrent(script: string): boolean {
  return CONCURRENTLY.test(withoutComments(script));
}

/**
 * Runs a migration as a whole. PostgreSQL runs all its statements in one implicit transaction, so a failed migration
 * leaves nothing behind. A concurrent index build can't run in a transaction, so we first drop any invalid index left
 * by an interrupted build.
 *
 * @throws {DriverAdapterError} with PostgreSQL's code and message
 */
export async function executeScript(pool: pg.Pool, script: string): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('SET statement_timeout = 0');
    const index = CONCURRENTLY.exec(withoutComments(script))?.[1];
    if (index === undefined) await executeInOneTransaction(client, script);
    else await executeConcurrently(client, script, index);
  } catch (error) {
    throw error instanceof pg.DatabaseError ? asDriverError(error) : error;
  } finally {
    client.release(true);
  }
}

async function executeInOneTransaction(client: pg.PoolClient, script: string): Promise<void> {
  await client.query(`SET lock_timeout = ${LOCK_TIMEOUT_MS}`);
  for (let attempt = 1; ; attempt++) {
    try {
      await client.query(script);
      return;
    } catch (error) {
      const isLocked = error instanceof pg.DatabaseError && LOCKED.has(error.code);
      if (!isLocked || attempt === ATTEMPTS) throw error;
      await sleep(PAUSE_MS);
    }
  }
}

/**
 * Runs a concurrent index statement without a lock timeout. It may have to wait for older transactions, but that's
 * harmless: meanwhile it holds no lock that would block writers.
 */
async function executeConcurrently(client: pg.PoolClient, script: string, index: string): Promise<void> {
  await client.query('SET lock_timeout = 0');
  const { rowCount } = await client.query(
    `SELECT FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
      WHERE relname = $1 AND relnamespace = 'public'::regnamespace AND NOT indisvalid`,
    [index],
  );
  if (rowCount !== 0)
    await client.query(`DROP INDEX CONCURRENTLY IF EXISTS ${client.escapeIdentifier(index)}`);
  await client.query(script);
}

function asDriverError(error: pg.DatabaseError): DriverAdapterError {
  return new DriverAdapterError({
    kind: 'postgres',
    code: error.code ?? 'N/A',
    severity: error.severity ?? 'ERROR',
    // Include the code: the engine keeps only the message, and `mayRepeat` needs the code in a later run.
    message: `${error.message} (SQLSTATE ${error.code ?? 'unknown'})`,
    detail: error.detail,
    column: error.column,
    hint: error.hint,
  });
}
