/** Databases on a running local PostgreSQL. Plain data in, so that test workers in other processes can use it. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';

export const OWNER_ROLE = 'pulsestream_owner';
export const APP_ROLE = 'pulsestream_app';

/** All that is needed to reach the server; can be sent to another process. */
export interface PostgresServer {
  socketDir: string;
  port: number;
  ownerPassword: string;
  appPassword: string;
}

export interface Database {
  name: string;
  /** Owner of all tables: migrates. */
  ownerUrl: string;
  /** The app's restricted role. */
  appUrl: string;
}

/** Creates a database owned by {@link OWNER_ROLE}, as a clone of `template` if one is given. */
export async function createDatabase(
  server: PostgresServer,
  {
    name = `db_${randomBytes(8).toString('hex')}`,
    template,
  }: { name?: string | undefined; template?: string } = {},
): Promise<Database> {
  await runAsSuperuser(server, (client) =>
    client.query(
      `CREATE DATABASE ${client.escapeIdentifier(name)} OWNER ${OWNER_ROLE} TEMPLATE ${client.escapeIdentifier(template ?? 'template0')}`,
    ),
  );
  return databaseNamed(server, name);
}

/** The URLs of a database, whether it exists yet or not. */
export function databaseNamed(server: PostgresServer, name: string): Database {
  const url = (role: string, password: string) =>
    `postgresql://${role}:${password}@127.0.0.1:${server.port}/${name}`;
  return { name, ownerUrl: url(OWNER_ROLE, server.ownerPassword), appUrl: url(APP_ROLE, server.appPassword) };
}

/** Ends the connections that are still open. */
export async function dropDatabase(server: PostgresServer, name: string): Promise<void> {
  await runAsSuperuser(server, (client) =>
    client.query(`DROP DATABASE IF EXISTS ${client.escapeIdentifier(name)} WITH (FORCE)`),
  );
}

export async function runAsSuperuser<T>(
  server: PostgresServer,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    host: server.socketDir,
    port: server.port,
    user: 'postgres',
    database: 'postgres',
  });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
