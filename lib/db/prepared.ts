/** Recognises errors about prepared statements, and checks at startup that a pooler keeps them. */
import type { Pool, PoolClient } from 'pg';
import type { Config } from '../config';
import { log } from '../observability/log';
import { getPool } from './pool';

/**
 * PostgreSQL rejects a prepared statement whose columns have other types since a migration. It reports that with the
 * general code for unsupported features, so only the routine tells.
 */
const STALE = { code: '0A000', routine: 'RevalidateCachedQuery' };

/** The connection has no prepared statement of this name, or has one already. Both mean that a pooler switched it. */
const LOST = new Set(['26000', '42P05']);

type DatabaseError = { code?: unknown; routine?: unknown };

/**
 * Tells why the database rejected a prepared statement as such, and logs it. It then ran no part of the statement, so the
 * caller can send the same statement as text.
 *
 * @returns `stale` if a migration changed its columns, `lost` if a pooler lost it, `undefined` for any other error
 */
export function whyRejected(error: unknown): 'stale' | 'lost' | undefined {
  const reason = classify(error);
  if (reason === 'stale') log.warn('a migration changed the columns of a prepared statement');
  if (reason === 'lost') log.error(`${NOT_KEPT} Until the next start, statements are sent as text.`);
  return reason;
}

function classify(error: unknown): 'stale' | 'lost' | undefined {
  const { code, routine }: DatabaseError = typeof error === 'object' && error !== null ? error : {};
  if (code === STALE.code && routine === STALE.routine) return 'stale';
  return LOST.has(String(code)) ? 'lost' : undefined;
}

export const KEEP_PREPARED_STATEMENTS =
  'Set it to 0, or use PgBouncer 1.21 or newer with max_prepared_statements above 50.';

const NOT_KEPT =
  'DATABASE_PREPARED_STATEMENTS is 1, but the pooler of DATABASE_URL keeps no prepared statements. ' +
  KEEP_PREPARED_STATEMENTS;

/** Thrown at startup if mints would prepare statements that a pooler loses. */
export class PreparedStatementsLost extends Error {
  override readonly name = 'PreparedStatementsLost';
}

/**
 * Refuses to start if a pooler loses prepared statements.
 *
 * @throws {PreparedStatementsLost} with a remedy; or the database's error if a query fails otherwise
 */
export async function assertPreparedStatements({
  preparesStatements,
}: Pick<Config, 'preparesStatements'>): Promise<void> {
  if (preparesStatements && !(await arePreparedStatementsKept())) throw new PreparedStatementsLost(NOT_KEPT);
}

/** Enough that PgBouncer, which hands out the connection used last, gives two of them the same one. */
const CLIENTS = 3;

const PROBE = { name: 'pulsestream_probe', text: 'SELECT 1' };

/**
 * Finds out whether mints can prepare statements. Several clients prepare a statement by the same name, as mints do. A
 * pooler that ignores names gives them the same connection, and the second name is rejected.
 *
 * @throws the database's error if it fails otherwise
 */
export async function arePreparedStatementsKept(pool: Pool = getPool('mint')): Promise<boolean> {
  const clients: PoolClient[] = [];
  try {
    while (clients.length < CLIENTS) clients.push(await pool.connect());
    for (const client of [...clients, ...clients]) await client.query(PROBE);
    return true;
  } catch (error) {
    if (classify(error) === 'lost') return false;
    throw error;
  } finally {
    for (const client of clients) client.release();
  }
}
