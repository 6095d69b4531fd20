import { Pool, type PoolClient } from 'pg';
import { onePerProcess } from '../async';
import { getConfig } from '../config';
import { log } from '../observability/log';

type Lane = {
  connections: number;
  /** The longest time that a query or transaction may hold a connection. The connection is then closed on our side. */
  leaseMs: number;
};

/**
 * Bulkheads: each kind of work has its own connections, so that one kind cannot exhaust those of another.
 *
 * - `mint`: minting, authentication and audit inserts only, so that no other work delays a mint.
 * - `work`: pages, API, webhooks, syncs, and all Prisma transactions.
 * - `reads`: reads that may scan much of a log or a list, through `readInBulk` only.
 * - `probe`: readiness checks. A busy lane is not an outage.
 *
 * Their sum is the most connections that a process opens (docs/operations.md, Database).
 */
export const LANES = {
  mint: { connections: 8, leaseMs: 15_000 },
  work: { connections: 7, leaseMs: 40_000 },
  reads: { connections: 4, leaseMs: 40_000 },
  probe: { connections: 1, leaseMs: 5000 },
} as const satisfies Record<string, Lane>;

export type LaneName = keyof typeof LANES;

/** The longest wait of a request for a connection before it gets 503. */
const CONNECTION_TIMEOUT_MS = 5000;

const pools = onePerProcess('database pools', () => new Map<LaneName, Pool>());

/**
 * Returns the pool of a lane. It works through a transaction pooler such as PgBouncer: no named statements, no
 * session settings, no start-up parameters that a pooler rejects. Timeouts are set within transactions, by `SET
 * LOCAL`.
 */
export function getPool(name: LaneName = 'work'): Pool {
  const pool = pools().get(name) ?? open(LANES[name]);
  pools().set(name, pool);
  return pool;
}

function open({ connections, leaseMs }: Lane): Pool {
  const pool = new Pool({
    connectionString: getConfig().databaseUrl,
    max: connections,
    connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
    application_name: 'pulsestream',
    keepAlive: true,
  });
  // The next use replaces an idle connection that the server closed. Without a listener, the error ends the
  // process.
  pool.on('error', () => {});
  endOverdueLeases(pool, leaseMs);
  return pool;
}

/**
 * Closes connections that are held for too long. Otherwise a hanging server would keep a lane's connections
 * forever.
 */
function endOverdueLeases(pool: Pool, leaseMs: number): void {
  const leases = new Map<PoolClient, NodeJS.Timeout>();
  pool.on('acquire', (client) => {
    const end = () => {
      log.warn({ leaseMs }, 'a database connection was held for too long and is closed');
      // Ending the client closes the socket immediately and fails its query.
      client.end().catch(() => {});
    };
    leases.set(client, setTimeout(end, leaseMs).unref());
  });
  pool.on('release', (_error, client) => {
    clearTimeout(leases.get(client));
    leases.delete(client);
  });
}

/** Closes all pools. The next use opens new ones. For the CLI and tests. */
export async function closePools(): Promise<void> {
  const opened = [...(pools.forget()?.values() ?? [])];
  await Promise.all(opened.map((pool) => pool.end()));
}
