/** Runs the app twice: once with few audit events in its database and once with many. */
import { startAppServer } from '../local/app/server';
import { findFreePort } from '../local/process/free-port';
import type { Services } from '../local/services';
import { appendEvents, appendOthers, inBulk } from './audit-rows';
import { type MintWorld, seedMintable, startMintWorld } from './mint-world';
import { headersOf, withDatabase } from './operator';

export interface AuditSide {
  appUrl: string;
  pid: number;
  apiKey: string;
  /** Returns headers for requests made by the workspace's owner. */
  headers(): Record<string, string>;
}

export interface AuditWorld {
  mintWorld: MintWorld;
  small: AuditSide;
  large: AuditSide;
  close(): Promise<void>;
}

/**
 * Starts both copies of the app and fills their databases.
 *
 * @param sizes numbers of events: `small` and `large` in the measured workspace of each database, `others` in all other
 *   workspaces of the large database together
 */
export async function startAuditWorld(sizes: {
  small: number;
  large: number;
  others: number;
}): Promise<AuditWorld> {
  const mintWorld = await startMintWorld({ TRUSTED_PROXY_HOPS: '1' });
  const { services } = mintWorld;
  try {
    const database = await services.postgres.createMigratedDatabase('pulsestream_large');
    const port = await findFreePort(services.port + 1);
    const env = {
      ...services.env,
      DATABASE_URL: database.appUrl,
      MIGRATION_DATABASE_URL: database.ownerUrl,
      PORT: String(port),
      NEXTAUTH_URL: `http://localhost:${port}`,
    };
    const apiKey = await seedMintable(env, database.ownerUrl);
    const smallOwner = await fill(services.database.ownerUrl, sizes.small, 0);
    const largeOwner = await fill(database.ownerUrl, sizes.large, sizes.others);
    const app = await startAppServer({ mode: 'start', env });
    return {
      mintWorld,
      small: await side(
        { appUrl: mintWorld.appUrl, pid: mintWorld.appPid, apiKey: mintWorld.apiKey },
        services,
        smallOwner,
      ),
      large: await side({ appUrl: app.url, pid: app.pid, apiKey }, services, largeOwner),
      close: async () => {
        await app.stop();
        await mintWorld.close();
      },
    };
  } catch (error) {
    await mintWorld.close();
    throw error;
  }
}

/**
 * Fills a database with events.
 *
 * @returns the user id of the workspace's owner
 */
async function fill(ownerUrl: string, events: number, others: number): Promise<string> {
  return withDatabase(ownerUrl, async (db) => {
    await inBulk(db, async () => {
      await appendEvents(db, 'acme', events);
      if (others > 0) await appendOthers(db, others);
    });
    await db.query('VACUUM ANALYZE audit_events');
    const { rows } = await db.query<{ id: string }>(`SELECT id FROM users WHERE email = 'owner@acme.test'`);
    if (rows[0] === undefined) throw new Error('no owner');
    return rows[0].id;
  });
}

async function side(app: Omit<AuditSide, 'headers'>, { env }: Services, ownerId: string): Promise<AuditSide> {
  return { ...app, headers: await headersOf(env, ownerId) };
}
