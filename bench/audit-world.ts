/** Runs the app several times: with few audit events in its database, and with many. */
import { type AppServer, startAppServer } from '../local/app/server';
import { findFreePort } from '../local/process/free-port';
import { runAsSuperuser } from '../local/services/postgres/databases';
import { fillLog } from './audit-rows';
import { type MintWorld, seedMintable, startMintWorld } from './mint-world';
import { headersOf, withDatabase } from './operator';

/**
 * Settings for a database of several gigabytes. They hold for both sizes of the log. `wal_level` and no checkpoints while
 * the tables are filled halve what is written to the disk.
 */
const POSTGRES_SETTINGS = {
  shared_buffers: '512MB',
  max_wal_size: '16GB',
  checkpoint_timeout: '1h',
  wal_level: 'minimal',
  max_wal_senders: '0',
};

export interface AuditSide {
  appUrl: string;
  pid: number;
  apiKey: string;
  ownerUrl: string;
  /** The number of events in the database. */
  events: number;
  /** Returns headers for requests made by the workspace's owner. */
  headers(): Record<string, string>;
}

export interface AuditWorld {
  mintWorld: MintWorld;
  small: AuditSide;
  large: AuditSide;
  /** From the smallest log to the largest. */
  all: AuditSide[];
  close(): Promise<void>;
}

/**
 * Starts the copies of the app and fills their databases.
 *
 * @param sizes numbers of events: `small` and `large` in the measured workspace of two databases, `others` in all other
 *   workspaces of the large database together. `between` are numbers for further databases, each with a fifth of its
 *   events in the measured workspace
 */
export async function startAuditWorld(sizes: {
  small: number;
  between: number[];
  large: number;
  others: number;
}): Promise<AuditWorld> {
  const mintWorld = await startMintWorld({ TRUSTED_PROXY_HOPS: '1' }, POSTGRES_SETTINGS);
  const { services } = mintWorld;
  const apps: AppServer[] = [];
  const close = async () => {
    for (const app of apps) await app.stop();
    await mintWorld.close();
  };
  const start = async (large: number, others: number): Promise<AuditSide> => {
    const name = `pulsestream_${large + others}`;
    const database = await services.postgres.createMigratedDatabase(name);
    const port = await findFreePort(services.port + 1);
    const env = {
      ...services.env,
      DATABASE_URL: database.appUrl,
      MIGRATION_DATABASE_URL: database.ownerUrl,
      PORT: String(port),
      NEXTAUTH_URL: `http://localhost:${port}`,
    };
    const apiKey = await seedMintable(env, database.ownerUrl);
    const ownerId = await fill(database.ownerUrl, large, others);
    const app = await startAppServer({ mode: 'start', env });
    apps.push(app);
    const headers = await headersOf(env, ownerId);
    return {
      appUrl: app.url,
      pid: app.pid,
      apiKey,
      ownerUrl: database.ownerUrl,
      events: large + others,
      headers,
    };
  };
  try {
    const smallOwner = await fill(services.database.ownerUrl, sizes.small, 0);
    const small = {
      appUrl: mintWorld.appUrl,
      pid: mintWorld.appPid,
      apiKey: mintWorld.apiKey,
      ownerUrl: services.database.ownerUrl,
      events: sizes.small,
      headers: await headersOf(services.env, smallOwner),
    };
    const between: AuditSide[] = [];
    for (const events of sizes.between) between.push(await start(events / 5, (events / 5) * 4));
    const large = await start(sizes.large, sizes.others);
    await runAsSuperuser(services.postgres.server, (db) => db.query('CHECKPOINT'));
    return { mintWorld, small, large, all: [small, ...between, large], close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Fills a database with events.
 *
 * @returns the user id of the workspace's owner
 */
async function fill(ownerUrl: string, events: number, others: number): Promise<string> {
  await fillLog(ownerUrl, { slug: 'acme', events, others });
  return withDatabase(ownerUrl, async (db) => {
    const { rows } = await db.query<{ id: string }>(`SELECT id FROM users WHERE email = 'owner@acme.test'`);
    if (rows[0] === undefined) throw new Error('no owner');
    return rows[0].id;
  });
}
