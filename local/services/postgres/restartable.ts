/** A PostgreSQL that a fault kills and that then starts again with its data, on the same port and with its passwords. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findFreePort } from '../../process/free-port';
import { APP_ROLE, OWNER_ROLE, runAsSuperuser } from './databases';
import { type Postgres, startPostgres } from './server';

export interface RestartablePostgres extends Pick<Postgres, 'createMigratedDatabase' | 'kill'> {
  /** Returns the current server. Its socket folder changes with each start. */
  current(): Postgres['server'];
  restart(): Promise<void>;
  /** Stops the server and deletes its data. */
  stop(): Promise<void>;
}

/** Starts an empty server with fsync. */
export async function startRestartablePostgres(): Promise<RestartablePostgres> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'restartable-postgres-'));
  // Use a port below the range for outgoing connections, so that no connection takes the port while the server is down.
  const port = await findFreePort(15_000 + (process.pid % 500) * 10);
  const start = () => startPostgres({ persistent: true, dataDir, port });
  let postgres = await start();
  const first = postgres.server;
  return {
    createMigratedDatabase: (name) => postgres.createMigratedDatabase(name),
    kill: (signal) => postgres.kill(signal),
    current: () => postgres.server,
    restart: async () => {
      postgres = await start();
      await runAsSuperuser(postgres.server, async (client) => {
        for (const [role, password] of [
          [APP_ROLE, first.appPassword],
          [OWNER_ROLE, first.ownerPassword],
        ] as const)
          await client.query(`ALTER ROLE ${role} PASSWORD ${client.escapeLiteral(password)}`);
      });
    },
    stop: async () => {
      await postgres.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
