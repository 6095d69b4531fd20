import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { runAsSuperuser } from '../../local/services/postgres/databases';
import { createEmptyTestDatabase } from '../../local/test/database';
import { migrate } from '../../prisma/migrate';
import { assertAppRole } from './app-role';
import { findPowers } from './role-powers';

// Run all migrations instead of cloning the template database, because a clone lacks the privileges granted on the
// database itself.
const database = await createEmptyTestDatabase();
await migrate(database);
const owner = new pg.Client(database.ownerUrl);
const app = new pg.Client(database.appUrl);
const DEPLOYED = { isDeployed: true };
const APP = pg.escapeIdentifier(decodeURIComponent(new URL(database.appUrl).username));
const OWNER = pg.escapeIdentifier(decodeURIComponent(new URL(database.ownerUrl).username));

function asSuperuser(text: string, values?: unknown[]): Promise<pg.QueryResult> {
  return runAsSuperuser(inject('postgres').server, (client) => client.query(text, values), database.name);
}

beforeAll(() => Promise.all([owner.connect(), app.connect()]));
afterAll(() => Promise.all([owner.end(), app.end()]));

/**
 * For each excess privilege: the statement that grants it, the statement that revokes it, and its name in the error.
 */
const POWERS: [given: string, taken: string, named: string | RegExp][] = [
  ...[
    'UPDATE ON audit_events',
    'UPDATE (details) ON audit_events',
    'DELETE ON audit_events',
    'UPDATE ON audit_chains',
    'INSERT ON audit_chains',
  ].map((grant): [string, string, string] => [
    `GRANT ${grant} TO ${APP}`,
    `REVOKE ${grant} FROM ${APP}`,
    'may change the audit log',
  ]),
  ...['TRUNCATE ON audit_events', 'TRIGGER ON audit_events', 'TRIGGER ON repositories'].map(
    (grant): [string, string, RegExp] => [
      `GRANT ${grant} TO ${APP}`,
      `REVOKE ${grant} FROM ${APP}`,
      new RegExp(`may ${grant.replace(' ON', '')}`),
    ],
  ),
  ...['workspaces', 'installations', 'app_identity', '_prisma_migrations'].map(
    (table): [string, string, string] => [
      `GRANT DELETE ON ${table} TO ${APP}`,
      `REVOKE DELETE ON ${table} FROM ${APP}`,
      `may DELETE from ${table}`,
    ],
  ),
  ...['INSERT', 'UPDATE', 'UPDATE (checksum)'].map((privilege): [string, string, string] => [
    `GRANT ${privilege} ON _prisma_migrations TO ${APP}`,
    `REVOKE ${privilege} ON _prisma_migrations FROM ${APP}`,
    'may change _prisma_migrations',
  ]),
  ['GRANT CREATE ON SCHEMA public TO PUBLIC', 'REVOKE CREATE ON SCHEMA public FROM PUBLIC', 'schema public'],
  [
    `CREATE SCHEMA beside; GRANT CREATE ON SCHEMA beside TO ${APP}`,
    'DROP SCHEMA beside',
    'may CREATE in the schema beside',
  ],
  [
    `GRANT TEMPORARY ON DATABASE ${database.name} TO PUBLIC`,
    `REVOKE TEMPORARY ON DATABASE ${database.name} FROM PUBLIC`,
    'may TEMPORARY in this database',
  ],
  [
    `GRANT CREATE ON DATABASE ${database.name} TO ${APP}`,
    `REVOKE CREATE ON DATABASE ${database.name} FROM ${APP}`,
    'may CREATE in this database',
  ],
  [
    'GRANT EXECUTE ON FUNCTION audit_events_append() TO PUBLIC',
    'REVOKE EXECUTE ON FUNCTION audit_events_append() FROM PUBLIC',
    'may execute audit_events_append()',
  ],
  [
    `CREATE FUNCTION later() RETURNS int LANGUAGE sql AS 'SELECT 1'; GRANT EXECUTE ON FUNCTION later() TO ${APP}`,
    'DROP FUNCTION later()',
    'may execute later()',
  ],
  ...['UPDATE', 'DELETE'].map((privilege): [string, string, string] => [
    `CREATE VIEW every_event AS SELECT * FROM audit_events; CREATE VIEW theirs AS SELECT * FROM every_event;
      GRANT ${privilege} ON theirs TO ${APP}`,
    'DROP VIEW theirs, every_event',
    `may change the audit log: ${privilege} on theirs`,
  ]),
  [
    `CREATE SCHEMA beside; CREATE TABLE beside.older () INHERITS (audit_events);
      GRANT INSERT ON beside.older TO ${APP}; GRANT USAGE ON SCHEMA beside TO ${APP}`,
    'DROP SCHEMA beside CASCADE',
    'may change the audit log: INSERT on beside.older',
  ],
  ...['id', 'slug'].map((column): [string, string, string] => [
    `GRANT UPDATE (${column}) ON workspaces TO ${APP}`,
    `REVOKE UPDATE (${column}) ON workspaces FROM ${APP}`,
    `may change workspaces.${column}`,
  ]),
  [
    `CREATE FUNCTION carried() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
      GRANT EXECUTE ON FUNCTION carried() TO ${APP}; ALTER EXTENSION pg_trgm ADD FUNCTION carried()`,
    'ALTER EXTENSION pg_trgm DROP FUNCTION carried(); DROP FUNCTION carried()',
    'may execute carried()',
  ],
];

/** Runs a test with its own role, because roles belong to the whole server, which other tests share. */
async function withRole(use: (role: string) => Promise<void>): Promise<void> {
  const role = `climber_${database.name}`;
  await asSuperuser(`CREATE ROLE ${role} NOINHERIT`);
  try {
    await use(role);
  } finally {
    await asSuperuser(`DROP ROLE ${role}`);
  }
}

describe('a process that serves customers', () => {
  it('starts with a role that can only append to the audit log', async () => {
    await expect(assertAppRole(DEPLOYED, app)).resolves.toBeUndefined();
  });

  it('starts with a role that owns a large object, which is harmless', async () => {
    const { rows } = await app.query<{ id: number }>('SELECT lo_create(0) AS id');
    await expect(assertAppRole(DEPLOYED, app)).resolves.toBeUndefined();
    await app.query('SELECT lo_unlink($1)', [rows[0]?.id]);
  });

  it('refuses to start as the owner of the tables, and says what to do', async () => {
    await expect(assertAppRole(DEPLOYED, owner)).rejects.toThrow(
      /owns function audit_events_append.*MIGRATION_DATABASE_URL.*db:migrate/,
    );
    await expect(assertAppRole({ isDeployed: false }, owner)).resolves.toBeUndefined();
  });

  it('refuses to start as a superuser', async () => {
    await runAsSuperuser(
      inject('postgres').server,
      (superuser) => expect(assertAppRole(DEPLOYED, superuser)).rejects.toThrow('is a superuser'),
      database.name,
    );
  });

  it.each(POWERS)('refuses to start after %s', async (given, taken, named) => {
    await owner.query(given);
    try {
      await expect(assertAppRole(DEPLOYED, app)).rejects.toThrow(named);
    } finally {
      await owner.query(taken);
    }
    await expect(assertAppRole(DEPLOYED, app)).resolves.toBeUndefined();
  });

  it('refuses to start as the owner of anything, including the database', async () => {
    await asSuperuser(`CREATE SCHEMA theirs AUTHORIZATION ${APP}`);
    await expect(assertAppRole(DEPLOYED, app)).rejects.toThrow('owns schema theirs');
    await asSuperuser('DROP SCHEMA theirs');
    await withRole(async (role) => {
      await asSuperuser(`ALTER DATABASE ${database.name} OWNER TO ${role}`);
      const powers = await findPowers(owner, role);
      await asSuperuser(`ALTER DATABASE ${database.name} OWNER TO ${OWNER}`);
      expect(powers).toContain(`owns database ${database.name}`);
    });
  });

  it.each([
    ['the attribute CREATEROLE', 'CREATEROLE', '', 'may make roles'],
    ['the attribute BYPASSRLS', 'BYPASSRLS', '', 'may make roles'],
    ['the attribute REPLICATION', 'REPLICATION', '', 'may make roles'],
    ['the attribute SUPERUSER', 'SUPERUSER', '', 'superuser'],
    ...[
      'pg_execute_server_program',
      'pg_write_server_files',
      'pg_create_subscription',
      'pg_read_server_files',
      'pg_signal_backend',
      'pg_maintain',
      'pg_write_all_data',
    ].map((role) => [`the role ${role}`, '', `GRANT ${role} TO reached_${database.name}`, role]),
    [
      'permission to turn triggers off',
      '',
      `GRANT SET ON PARAMETER session_replication_role TO reached_${database.name}`,
      'may SET session_replication_role',
    ],
  ])(
    'refuses to start with %s, even if only a role that it can assume has it',
    async (_, attribute, grant, named) => {
      const [reached, climber] = [`reached_${database.name}`, `climber_${database.name}`];
      await asSuperuser(`CREATE ROLE ${reached} ${attribute}; CREATE ROLE ${climber} NOINHERIT;
      GRANT ${reached} TO ${climber} WITH INHERIT FALSE, SET TRUE; ${grant}`);
      try {
        expect((await findPowers(owner, reached)).join('; ')).toContain(named);
        expect((await findPowers(owner, climber)).join('; ')).toContain(named);
      } finally {
        await asSuperuser(`DROP OWNED BY ${reached}; DROP ROLE ${climber}, ${reached}`);
      }
    },
  );

  it('refuses to start if it can execute a function that runs with another role’s rights', async () => {
    await asSuperuser(
      `CREATE FUNCTION as_superuser() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'`,
    );
    await expect(assertAppRole(DEPLOYED, app)).rejects.toThrow('may execute as_superuser()');
    await asSuperuser('DROP FUNCTION as_superuser()');
  });

  it('refuses to start if SET ROLE hides a stronger role, to which RESET ROLE would return', async () => {
    await runAsSuperuser(
      inject('postgres').server,
      async (superuser) => {
        await superuser.query(`SET ROLE ${APP}`);
        await expect(assertAppRole(DEPLOYED, superuser)).rejects.toThrow('is a superuser');
      },
      database.name,
    );
  });

  it('refuses to start as a role that can become the owner with SET ROLE', async () => {
    await withRole(async (role) => {
      expect(await findPowers(owner, role)).toEqual([]);
      await asSuperuser(`GRANT ${OWNER} TO ${role}`);
      expect(await findPowers(owner, role)).toContain('owns table audit_events');
    });
  });

  it.each([
    ['where PUBLIC has its default privileges again', 'PUBLIC'],
    ['where the app’s role was granted everything', APP],
  ])('starts after the next migration of a database %s', async (_, grantee) => {
    await owner.query(`GRANT CREATE, TEMPORARY ON DATABASE ${database.name} TO ${grantee};
      GRANT EXECUTE ON ALL ROUTINES IN SCHEMA public TO ${grantee}; GRANT CREATE ON SCHEMA public TO ${grantee};
      ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO PUBLIC`);
    if (grantee === APP) await owner.query(`GRANT ALL ON ALL TABLES IN SCHEMA public TO ${APP}`);
    await expect(assertAppRole(DEPLOYED, app)).rejects.toThrow('may CREATE in the schema public');
    expect((await migrate(database)).powersLeft).toEqual([]);
    await expect(assertAppRole(DEPLOYED, app)).resolves.toBeUndefined();
    await owner.query(`CREATE FUNCTION made_later() RETURNS int LANGUAGE sql AS 'SELECT 1'`);
    const powers = await findPowers(owner, decodeURIComponent(new URL(database.appUrl).username));
    await owner.query('DROP FUNCTION made_later()');
    expect(powers).toEqual([]);
  });
});
