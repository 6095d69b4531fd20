import { Pool, type PoolClient, type PoolConfig } from 'pg';
import { onePerProcess } from '../async';
import { getConfig } from '../config';
import { log } from '../observability/log';
import { cancelStatement, closeConnection } from './cancel';
import { traceStatements } from './trace-statements';

type Lane = {
  connections: number;
  /**
   * How long a statement or transaction may hold a connection. After that, the app cancels the statement in the
   * database and closes the connection.
   */
  leaseMs: number;
};

/**
 * The lanes. Each kind of work has its own connections, so one kind cannot exhaust the connections of another.
 *
 * - `mint`: only mints, authentication and audit inserts, so that no other work delays a mint.
 * - `work`: pages, API, webhooks, syncs and all Prisma transactions.
 * - `reads`: reads that may scan much of a log or a list. Only `readInBulk` uses this lane.
 * - `probe`: readiness checks, which must not fail just because another lane is busy.
 *
 * A process opens at most as many connections as its lanes have in total (docs/operations.md, Database).
 */
export const LANES = {
  mint: { connections: 8, leaseMs: 15_000 },
  work: { connections: 7, leaseMs: 40_000 },
  reads: { connections: 4, leaseMs: 40_000 },
  probe: { connections: 1, leaseMs: 5000 },
} as const satisfies Record<string, Lane>;

export type LaneName = keyof typeof LANES;

/** How long a request may wait for a connection before it gets 503. Tests let it wait longer. */
export const connectionWait = { mostMs: 5000 };

/** A timer that fires this late shows that the process was stopped or blocked for a while. */
const STALL_MS = 250;

/** Matches the errors of `pg` and its pool for a connection that took too long. */
const TIMED_OUT = /timeout exceeded when trying to connect|connection timeout|timeout expired/;

/** True if the process stalled while it waited. The connection may then be there, but timers fire before it is seen. */
function hasStalled(error: unknown, startedAt: number, timeoutMs = 0): boolean {
  if (!(error instanceof Error) || !TIMED_OUT.test(error.message)) return false;
  return performance.now() - startedAt > timeoutMs + STALL_MS;
}

const pools = onePerProcess('database pools', () => new Map<LaneName, RotatingPool>());

/**
 * Returns the connection pool of a lane. The app must also work through a transaction pooler such as PgBouncer. So the
 * pool uses no named statements unless configured to, no session settings, and no start-up parameters that a pooler
 * rejects. Timeouts are set inside transactions with `SET LOCAL`. For a statement without a transaction, that would take
 * two more round trips, so `leaseMs` is its limit.
 */
export function getPool(name: LaneName = 'work'): Pool {
  const pool = pools().get(name) ?? openLane(LANES[name]);
  pools().set(name, pool);
  return pool;
}

/** Matches PostgreSQL's and PgBouncer's rejection of a password. */
const WRONG_PASSWORD =
  /password authentication failed|SASL authentication failed|auth(?:entication)? failed/i;

/** SQLSTATEs of class 28, Invalid Authorization Specification. */
const WRONG_PASSWORD_CODES: ReadonlySet<unknown> = new Set(['28P01', '28000']);

/** True if the database rejected the password, so that another one may be accepted; false otherwise. */
export function isPasswordRefused(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return WRONG_PASSWORD_CODES.has('code' in error ? error.code : '') || WRONG_PASSWORD.test(error.message);
}

type Connected = (
  error: Error | undefined,
  client: PoolClient | undefined,
  done: (e?: unknown) => void,
) => void;

/**
 * A pool whose credentials can change while it is in use. If the database rejects the password, the pool connects with
 * the next URL. So during a rotation both passwords work, whichever of them the database has at that moment.
 *
 * A caller whose time ran out while the process stalled is given that time once more.
 */
class RotatingPool extends Pool {
  #urls: readonly string[];
  /** Connections that were opened with the credentials in `#urls`. */
  #current = new WeakSet<PoolClient>();

  constructor(urls: readonly string[], config: PoolConfig) {
    super({ ...config, connectionString: urls[0] });
    this.#urls = urls;
    this.on('connect', (client) => this.#current.add(client));
    // The pool discards a connection that is ending.
    this.on('release', (_error, client) => {
      if (!this.#current.has(client)) client.end().catch(() => {});
    });
  }

  override connect(): Promise<PoolClient>;
  override connect(callback: Connected): void;
  override connect(callback?: Connected): Promise<PoolClient> | undefined {
    if (callback === undefined) return this.#connectOrRetry();
    // The pool itself uses callbacks, to run a single statement.
    if (this.#urls.length < 2) {
      const { connectionTimeoutMillis } = this.options;
      const startedAt = performance.now();
      super.connect((error, client, done) => {
        if (hasStalled(error, startedAt, connectionTimeoutMillis)) super.connect(callback);
        else callback(error, client, done);
      });
    } else
      this.#connectOrRetry().then(
        (client) => callback(undefined, client, (error) => client.release(error as Error | undefined)),
        (error: Error) => callback(error, undefined, () => {}),
      );
    return undefined;
  }

  #connectOrRetry(): Promise<PoolClient> {
    const { connectionString, connectionTimeoutMillis } = this.options;
    const startedAt = performance.now();
    return super.connect().catch((error: unknown) => {
      if (!hasStalled(error, startedAt, connectionTimeoutMillis)) this.#takeNextUrl(error, connectionString);
      return super.connect();
    });
  }

  /**
   * Switches to the URL after the one that failed. Concurrent callers that tried the same one all switch to the same.
   *
   * @throws the error, if it is not about the password, or if there is no other URL
   */
  #takeNextUrl(error: unknown, tried: string | undefined): void {
    if (this.#urls.length < 2 || !isPasswordRefused(error)) throw error;
    const next = (this.#urls.indexOf(tried ?? '') + 1) % this.#urls.length;
    this.options.connectionString = this.#urls[next];
  }

  /**
   * Opens new connections with these URLs. Connections in use finish their work and are then closed, so nothing in
   * flight fails.
   */
  changeUrls(urls: readonly string[]): void {
    this.#urls = urls;
    this.options.connectionString = urls[0];
    this.#current = new WeakSet();
    for (let idle = this.idleCount; idle > 0; idle--)
      super.connect().then(
        (client) => client.release(true),
        () => {},
      );
  }
}

/** Opens new connections of all lanes with these URLs, which differ in their credentials only. */
export function changeDatabaseUrls(urls: readonly string[]): void {
  for (const pool of pools().values()) pool.changeUrls(urls);
}

/** Opens a lane of its own. Exported for tests, which need shorter leases and several databases. */
export function openLane(
  { connections, leaseMs }: Lane,
  urls: readonly string[] = getConfig().databaseUrls,
): RotatingPool {
  const pool = new RotatingPool(urls, {
    max: connections,
    connectionTimeoutMillis: connectionWait.mostMs,
    application_name: 'pulsestream',
    keepAlive: true,
  });
  // Errors on idle connections are harmless: the pool replaces connections that the server has closed. But without a
  // listener, they'd crash the process.
  pool.on('error', () => {});
  traceStatements(pool, urls[0] ?? '');
  endOverdueLeases(pool, leaseMs);
  return pool;
}

/**
 * Cancels statements that hold a connection for too long, and closes the connection. Otherwise, queries to a hung server
 * would occupy a lane's connections forever, and statements that wait for a lock would pile up in the database.
 */
function endOverdueLeases(pool: Pool, leaseMs: number): void {
  const leases = new Map<PoolClient, { timer: NodeJS.Timeout; isOver: boolean }>();
  pool.on('acquire', (client) => {
    const lease = { timer: setTimeout(() => void end(), leaseMs).unref(), isOver: false };
    leases.set(client, lease);
    const end = async () => {
      lease.isOver = true;
      log.warn({ leaseMs }, 'a database connection was held for too long and is closed');
      await cancelStatement(pool, client);
      // The end of the statement has released the connection already.
      if (leases.get(client) !== lease) return;
      await closeConnection(client);
    };
  });
  pool.on('release', (_error, client) => {
    const lease = leases.get(client);
    clearTimeout(lease?.timer);
    leases.delete(client);
    // A cancellation names the connection, not the statement. If it is still on its way, it would hit the next
    // statement, which may be another workspace's. The pool discards a connection that is ending.
    if (lease?.isOver) client.end().catch(() => {});
  });
}

/** The part of `pg` that its types leave out. */
type Internals = { connection: { stream: { cork(): void; uncork(): void } } };

/**
 * Sends the statements that a pipelined connection is given before the event loop turns in one write. Each write is a
 * system call that wakes the database, which costs both more than the statement's own bytes.
 */
export function writeTogether(client: PoolClient): void {
  const { stream } = (client as unknown as Internals).connection;
  stream.cork();
  // Runs after all callbacks that are ready, so also after those in which a caller sends the next statements.
  process.nextTick(() => stream.uncork());
}

/** Closes all pools. The next call to `getPool` opens a new one. For the CLI and tests. */
export async function closePools(): Promise<void> {
  const opened = [...(pools.forget()?.values() ?? [])];
  await Promise.all(opened.map((pool) => pool.end()));
}
