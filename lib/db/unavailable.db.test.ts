import pg from 'pg';
import { afterAll, describe, expect, it } from 'vitest';
import { startTestApp } from '../auth/test-fixtures';
import { getDb, inTransaction } from './client';
import { getPool } from './pool';
import { isDatabaseUnavailable } from './unavailable';

const environment = await startTestApp();
const owner = new pg.Client(environment.OWNER_DATABASE_URL);
await owner.connect();
afterAll(() => owner.end());

/** Creates a trigger that raises an error when a workspace is inserted, with the workspace's name as its SQLSTATE. */
await owner.query(`
  CREATE FUNCTION raise_state() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'as asked' USING ERRCODE = NEW.name; END $$;
  CREATE TRIGGER raise_state BEFORE INSERT ON workspaces FOR EACH ROW EXECUTE FUNCTION raise_state()`);

/** All the ways in which the app sends statements to the database. */
const WAYS = {
  'a pool': (state: string) =>
    getPool('mint').query(`INSERT INTO workspaces (slug, name) VALUES ('acme-x', $1)`, [state]),
  'a raw statement of Prisma': (state: string) =>
    getDb().$executeRaw`INSERT INTO workspaces (slug, name) VALUES ('acme-x', ${state})`,
  'a raw query of Prisma': (state: string) =>
    getDb().$queryRaw`INSERT INTO workspaces (slug, name) VALUES ('acme-x', ${state}) RETURNING id`,
  'a model of Prisma': (state: string) => getDb().workspace.create({ data: { slug: 'acme-x', name: state } }),
  'a transaction of Prisma': (state: string) =>
    inTransaction((tx) => tx.$executeRaw`INSERT INTO workspaces (slug, name) VALUES ('acme-x', ${state})`),
};

const errorOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe.each(Object.entries(WAYS))('isDatabaseUnavailable, with an error from %s', (_, send) => {
  it.each(['53300', '53200', '55P03', '57014', '57P01', '40001', '40P01', '25006', '08006'])(
    'reports the database as unavailable for SQLSTATE %s',
    async (state) => {
      expect(isDatabaseUnavailable(await errorOf(send(state)))).toBe(true);
    },
  );

  it.each(['22012', '23514', '23505', 'P0001', '42501'])(
    'does not report the database as unavailable for SQLSTATE %s',
    async (state) => {
      const error = await errorOf(send(state));
      expect(error).toBeInstanceOf(Error);
      expect(isDatabaseUnavailable(error)).toBe(false);
    },
  );
});

it('reports the database as unavailable for a statement after the lane has closed the connection', async () => {
  const client = await getPool('work').connect();
  // A lane ends a connection that is held for too long in this way.
  void client.end();
  const error = await errorOf(client.query('SELECT 1'));
  client.release(true);
  expect(error).toMatchObject({ message: expect.stringContaining('not queryable') });
  expect(isDatabaseUnavailable(error)).toBe(true);
});
