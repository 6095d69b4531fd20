/**
 * Creates databases on a running local PostgreSQL. All parameters are plain data that can be sent to other processes.
 */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { keepRemains, keepsRemains } from '../../remains/keep';
import { dumpDatabase } from './dump';

export const OWNER_ROLE = 'pulsestream_owner';
export const APP_ROLE = 'pulsestream_app';

/** The data that another process needs to reach the server. */
export interface PostgresServer {
  socketDir: string;
  port: number;
  ownerPassword: string;
  appPassword: string;
}

export interface Database {
  name: string;
  /** The URL for the database owner role, which owns all tables and runs the migrations. */
  ownerUrl: string;
  /** The URL for the app's restricted role. */
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
  await runAsSuperuser(server, async (client) => {
    const database = client.escapeIdentifier(name);
    const source = client.escapeIdentifier(template ?? 'template0');
    await client.query(`CREATE DATABASE ${database} OWNER ${OWNER_ROLE} TEMPLATE ${source}`);
    // A clone inherits privileges on tables, but not those on the database itself. `prisma/grants.sql` sets those at
    // each migration, so revoke them here too.
    if (template !== undefined)
      await client.query(`REVOKE CREATE, TEMPORARY ON DATABASE ${database} FROM PUBLIC`);
  });
  return databaseNamed(server, name);
}

/** Returns the URLs of a database, which need not exist yet. */
export function databaseNamed(server: PostgresServer, name: string): Database {
  const url = (role: string, password: string) =>
    `postgresql://${role}:${password}@127.0.0.1:${server.port}/${name}`;
  return { name, ownerUrl: url(OWNER_ROLE, server.ownerPassword), appUrl: url(APP_ROLE, server.appPassword) };
}

/** Ends open connections to the database and drops it. */
export async function dropDatabase(server: PostgresServer, name: string): Promise<void> {
  await keepDatabases(server, name);
  await runAsSuperuser(server, (client) =>
    client.query(`DROP DATABASE IF EXISTS ${client.escapeIdentifier(name)} WITH (FORCE)`),
  );
}

/** Saves the contents of all databases, or of one, so they can be searched for secrets after a test run. */
export async function keepDatabases(server: PostgresServer, only?: string): Promise<void> {
  if (!keepsRemains()) return;
  const { rows } = await runAsSuperuser(server, (client) =>
    client.query<{ name: string }>(
      'SELECT datname AS name FROM pg_database WHERE NOT datistemplate AND datname = coalesce($1, datname)',
      [only ?? null],
    ),
  );
  for (const { name } of rows)
    for (const [table, content] of await dumpDatabase(superuserOf(server, name)))
      await keepRemains('databases', `${name}, ${table}`, content);
}

const superuserOf = ({ socketDir, port }: PostgresServer, database: string) => ({
  host: socketDir,
  port,
  user: 'postgres',
  database,
});

export async function runAsSuperuser<T>(
  server: PostgresServer,
  work: (client: pg.Client) => Promise<T>,
  database = 'postgres',
): Promise<T> {
  const client = new pg.Client(superuserOf(server, database));
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
