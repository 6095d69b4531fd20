/** Runs several replicas of the production build on one database and one Redis, with many workspaces. */
import { displayPrefix, generateApiKey, hashApiKey } from '../lib/api-keys/key';
import { type AppServer, startAppServer } from '../local/app/server';
import { findFreePort } from '../local/process/free-port';
import { findPgBouncer, startPgBouncer } from '../local/services/pgbouncer';
import { startMintWorld } from './mint-world';
import { withDatabase } from './operator';
import type { TenantsResult, TenantsTask } from './tenants-load';

const FIRST_ID = 70_000_000;

/** PgBouncer's connections to PostgreSQL. Two replicas open up to 40 connections to PgBouncer. */
const POOL_SIZE = 20;

export interface Replica {
  url: string;
  pid: number;
  log(): string;
}

export interface ScaleWorld {
  replicas: Replica[];
  /** Two replicas that reach the database through PgBouncer in transaction mode. Empty if it is not installed. */
  pooled: Replica[];
  /** One API key for each workspace. Each workspace has one installation. */
  keys: string[];
  /** The database's URL for the owner role. */
  ownerUrl: string;
  /** Counts the mints in the audit log. */
  countMints(): Promise<number>;
  send(task: TenantsTask): Promise<TenantsResult>;
  close(): Promise<void>;
}

/**
 * Starts the replicas.
 *
 * @param limit each client's mints per minute
 */
export async function startScaleWorld(options: {
  replicas: number;
  workspaces: number;
  limit: number;
}): Promise<ScaleWorld> {
  const world = await startMintWorld({
    // Each request names its client's address, as a proxy in front of the replicas would.
    TRUSTED_PROXY_HOPS: '1',
    RATE_LIMIT_INTERNAL_PER_MINUTE: String(options.limit),
  });
  const { services } = world;
  const closing: (() => Promise<void>)[] = [world.close];
  const close = async (): Promise<void> => {
    for (const each of closing.splice(0).reverse()) await each();
  };
  let port = services.port;
  const startReplica = async (env: Record<string, string>): Promise<AppServer> => {
    port = await findFreePort(port + 1);
    const own = { ...services.env, ...env, PORT: String(port) };
    const app = await startAppServer({ mode: 'start', env: own, url: `http://localhost:${port}` });
    closing.push(app.stop);
    return app;
  };
  try {
    const keys = await seed(services.database.ownerUrl, options.workspaces);
    const first = { url: world.appUrl, pid: world.appPid, log: world.appLog };
    const replicas: Replica[] = [first];
    while (replicas.length < options.replicas) replicas.push(await startReplica({}));
    const pooled: Replica[] = [];
    if (findPgBouncer() !== undefined) {
      const pooler = await startPgBouncer(services.database.appUrl, POOL_SIZE);
      closing.push(pooler.close);
      // PgBouncer before 1.21 knows no prepared statements in transaction mode.
      const pooledEnv = { DATABASE_URL: pooler.url, DATABASE_PREPARED_STATEMENTS: '0' };
      while (pooled.length < 2) pooled.push(await startReplica(pooledEnv));
    }
    const load = await world.start('tenants-load.ts');
    return {
      replicas,
      pooled,
      keys,
      ownerUrl: services.database.ownerUrl,
      countMints: () => countMints(services.database.ownerUrl),
      send: async (task) => (await load.ask(task)) as TenantsResult,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function seed(ownerUrl: string, workspaces: number): Promise<string[]> {
  const keys = Array.from({ length: workspaces }, () => generateApiKey('demo'));
  await withDatabase(ownerUrl, async (db) => {
    await db.query(
      `WITH given AS (
         SELECT n, hash, prefix FROM unnest($1::bytea[], $2::text[]) WITH ORDINALITY AS k(hash, prefix, n)),
       made AS (
         INSERT INTO workspaces (slug, name) SELECT 'scale-' || n, 'Scale' FROM given RETURNING id, slug),
       keyed AS (
         INSERT INTO api_keys (workspace_id, hash, display_prefix, name)
         SELECT id, hash, prefix, 'engine' FROM given JOIN made ON slug = 'scale-' || n)
       INSERT INTO installations (id, workspace_id, account_id, account_login, account_type, repository_selection,
         bound_at, synced_at)
       SELECT $3::bigint + n, id, n, 'account-' || n, 'Organization', 'all', now(), now()
       FROM given JOIN made ON slug = 'scale-' || n`,
      [keys.map(hashApiKey), keys.map(displayPrefix), FIRST_ID],
    );
  });
  return keys;
}

async function countMints(ownerUrl: string): Promise<number> {
  return withDatabase(ownerUrl, async (db) => {
    const { rows } = await db.query<{ count: number }>(
      `SELECT count(*)::int FROM audit_events WHERE type = 'github.token_minted'`,
    );
    return rows[0]?.count ?? 0;
  });
}
