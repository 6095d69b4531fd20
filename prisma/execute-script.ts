import { setTimeout as sleep } from 'node:timers/promises';
import { DriverAdapterError } from '@prisma/driver-adapter-utils';
import pg from 'pg';

/**
 * Milliseconds that a migration waits for a lock. Whatever comes to the table meanwhile queues behind it, mints too, so
 * it gives up early, lets them pass and tries again.
 */
const LOCK_TIMEOUT_MS = 2000;
const PAUSE_MS = 1000;
/** Five minutes in all; then something holds the table that an operator has to look at. */
const ATTEMPTS = 100;

/** SQLSTATEs: a lock was not to be had in time, or only by giving up what others wait for. */
const LOCKED: ReadonlySet<string | undefined> = new Set(['55P03', '40P01']);
/** SQLSTATE: the owner lacks a privilege, for an extension for example, that an operator may grant. */
const INSUFFICIENT_PRIVILEGE = '42501';

/**
 * Whether a migration that failed with these words of the engine may simply run again: it left nothing behind, and
 * what failed lies outside of it.
 */
export function mayRepeat(logs: string | null): boolean {
  return [...LOCKED, INSUFFICIENT_PRIVILEGE].some((code) => logs?.includes(`SQLSTATE ${code}`));
}

/** The one statement of a migration that builds or drops an index while others write, and the index's name. */
const CONCURRENTLY =
  /^\s*(?:CREATE\s+(?:UNIQUE\s+)?|DROP\s+)INDEX\s+CONCURRENTLY\s+(?:IF\s+(?:NOT\s+)?EXISTS\s+)?"?(\w+)"?[^;]*;?\s*$/i;

function withoutComments(script: string): string {
  return script.replace(/--.*$/gm, '');
}

/** Whether a migration is a single `CREATE INDEX CONCURRENTLY` or `DROP INDEX CONCURRENTLY`, and so safe to repeat. */
export function isConcurrent(script: string): boolean {
  return CONCURRENTLY.test(withoutComments(script));
}

/**
 * Runs a migration whole. PostgreSQL takes several statements as one implicit transaction, so one that fails half-way
 * leaves nothing behind. A concurrent build of an index stands outside any transaction; what an interrupted one left is
 * dropped first.
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

/** Waits for older transactions as long as they take: it holds no lock that writers need. */
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
    // The engine keeps nothing but the message, and a later run goes by the code (`mayRepeat`).
    message: `${error.message} (SQLSTATE ${error.code ?? 'unknown'})`,
    detail: error.detail,
    column: error.column,
    hint: error.hint,
  });
}
