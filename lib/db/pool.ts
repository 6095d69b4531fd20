import { Pool, type PoolClient } from 'pg';
import { getConfig } from '../config';
import { log } from '../observability/log';

type Lane = {
  /** Connections at most. */
  connections: number;
  /** No query or transaction holds a connection for longer; it is then closed, whatever the server does. */
  leaseMs: number;
};

/**
 * Bulkheads: each kind of work has connections of its own, so that one kind cannot take those of another.
 *
 * - `mint`: minting, authentication and audit inserts. Nothing else, so that nothing else delays a mint.
 * - `work`: pages, API, webhooks, syncs. All transactions of Prisma.
 * - `reads`: reads that may scan much of a log or a list, by `readInBulk` only.
 * - `probe`: whether the database answers. Busy lanes are no outage.
 *
 * A process opens all of them together at most (docs/operations.md, Database).
 */
export const LANES = {
  mint: { connections: 8, leaseMs: 15_000 },
  work: { connections: 7, leaseMs: 40_000 },
  reads: { connections: 4, leaseMs: 40_000 },
  probe: { connections: 1, leaseMs: 5000 },
} as const satisfies Record<string, Lane>;

export type LaneName = keyof typeof LANES;

/** A request waits no longer than this for a connection before it gets 503. */
const CONNECTION_TIMEOUT_MS = 5000;

/** Kept on `globalThis`: Next loads this module once for the instrumentation hook and again for the route handlers. */
const shared = globalThis as typeof globalThis & { pulsestreamPools?: Partial<Record<LaneName, Pool>> };

/**
 * Returns the pool of a lane. Works through a transaction pooler such as PgBouncer: no named statements, no session
 * settings, and no start-up parameter that a pooler refuses. Timeouts are set within transactions, by `SET LOCAL`.
 */
export function getPool(name: LaneName = 'work'): Pool {
  shared.pulsestreamPools ??= {};
  const pool = shared.pulsestreamPools[name] ?? open(LANES[name]);
  shared.pulsestreamPools[name] = pool;
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
  // The next use replaces an idle connection that the server closed; without a listener it ends the process.
  pool.on('error', () => {});
  endOverdueLeases(pool, leaseMs);
  return pool;
}

/** A server that hangs must not keep a lane's connections for good: nothing else ends a query that it never answers. */
function endOverdueLeases(pool: Pool, leaseMs: number): void {
  const leases = new Map<PoolClient, NodeJS.Timeout>();
  pool.on('acquire', (client) => {
    const end = () => {
      log.warn({ leaseMs }, 'a database connection was held for too long and is closed');
      // With a query under way this closes the socket at once; the query fails.
      client.end().catch(() => {});
    };
    leases.set(client, setTimeout(end, leaseMs).unref());
  });
  pool.on('release', (_error, client) => {
    clearTimeout(leases.get(client));
    leases.delete(client);
  });
}

/** Closes all pools; the next use opens new ones. For the CLI and for tests. */
export async function closePools(): Promise<void> {
  const pools = Object.values(shared.pulsestreamPools ?? {});
  delete shared.pulsestreamPools;
  await Promise.all(pools.map((pool) => pool.end()));
}
