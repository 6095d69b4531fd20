import { Pool } from 'pg';
import { getConfig } from '../config';

/**
 * One pool a process, shared by Prisma and by the hot path's prepared statements. Kept on `globalThis` because Next
 * loads this module once for the instrumentation hook and again for the route handlers.
 */
const shared = globalThis as typeof globalThis & { pulsestreamPool?: Pool };

/** Milliseconds. A request waits no longer than this for a connection before it gets 503. */
const CONNECTION_TIMEOUT_MS = 5000;
const STATEMENT_TIMEOUT_MS = 30_000;
const MAX_CONNECTIONS = 20;

export function getPool(): Pool {
  if (!shared.pulsestreamPool) {
    const pool = new Pool({
      connectionString: getConfig().databaseUrl,
      max: MAX_CONNECTIONS,
      connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS,
      application_name: 'pulsestream',
      keepAlive: true,
    });
    // An idle connection that the server closes is replaced at the next use; without a listener it ends the process.
    pool.on('error', () => {});
    shared.pulsestreamPool = pool;
  }
  return shared.pulsestreamPool;
}

/** Closes the pool; the next use opens a new one. For the CLI and for tests. */
export async function closePool(): Promise<void> {
  const pool = shared.pulsestreamPool;
  delete shared.pulsestreamPool;
  await pool?.end();
}
