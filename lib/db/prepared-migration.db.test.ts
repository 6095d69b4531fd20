/** Changes a column under prepared statements, as a migration does while older replicas still serve mints. */
import { NextRequest } from 'next/server';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { POST as mint } from '../../app/api/v1/internal/github/token/route';
import { canKeepStatements, startPgBouncer } from '../../local/services/pgbouncer';
import { createTestDatabase } from '../../local/test/database';
import { createApiKey } from '../api-keys/manage';
import { TEST_ORIGIN } from '../auth/test-fixtures';
import { connectedScene } from '../testing/test-scene';
import { startTestWorld } from '../testing/test-world';
import { assertAppIdentity } from './app-identity';
import { getDb } from './client';
import { getPool, LANES } from './pool';
import { assertPreparedStatements } from './prepared';
import { frequent, inStatements, query, sql } from './sql';

const database = await createTestDatabase();
// Where PgBouncer keeps prepared statements, go through it: it keeps them longer than the app's connections live.
const pooler = canKeepStatements() ? await startPgBouncer(database.appUrl) : undefined;
const world = await startTestWorld({
  DATABASE_URL: pooler?.url ?? database.appUrl,
  DATABASE_PREPARED_STATEMENTS: '1',
  RATE_LIMIT_INTERNAL_PER_MINUTE: '1000',
});
const owner = new pg.Client(database.ownerUrl);

beforeAll(() => owner.connect());
afterAll(async () => {
  await owner.end();
  await pooler?.close();
});
beforeEach(async () => {
  await owner.query(`DROP TABLE IF EXISTS migrated; CREATE TABLE migrated (name text);
    GRANT SELECT, INSERT ON migrated TO ${pg.escapeIdentifier(decodeURIComponent(new URL(database.appUrl).username))}`);
});

/** Runs a statement on all connections of the lane concurrently. */
function onEachConnection<T>(run: () => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: LANES.mint.connections }, run));
}

it('reads a column whose type a migration changed, and prepares the statement anew', async () => {
  await owner.query(`INSERT INTO migrated VALUES ('a')`);
  const read = () => query('mint', sql<{ name: string }>`SELECT name FROM migrated WHERE true`);
  const found = Array.from({ length: LANES.mint.connections }, () => [{ name: 'a' }]);
  expect(await onEachConnection(read)).toEqual(found);
  for (const type of ['varchar(40)', 'varchar(50)']) {
    await owner.query(`ALTER TABLE migrated ALTER name TYPE ${type}`);
    // The first calls find the stale plan, and the second ones prepare the statement anew.
    expect(await onEachConnection(read)).toEqual(found);
    expect(await onEachConnection(read)).toEqual(found);
  }
  const { rows } = await getPool('mint').query(
    `SELECT statement FROM pg_prepared_statements WHERE statement LIKE 'SELECT name FROM migrated%'
      ORDER BY prepare_time DESC LIMIT 1`,
  );
  expect(rows).toEqual([{ statement: 'SELECT name FROM migrated WHERE true -- --' }]);
});

it('writes a row once if a migration changed what its statement returns', async () => {
  const write = () => query('mint', sql`INSERT INTO migrated VALUES (${'b'}) RETURNING name`);
  await onEachConnection(write);
  await owner.query('ALTER TABLE migrated ALTER name TYPE varchar(40)');
  await onEachConnection(write);
  const { rows } = await owner.query('SELECT count(*)::int AS count FROM migrated');
  expect(rows).toEqual([{ count: 2 * LANES.mint.connections }]);
});

it('commits a pipelined transaction once if a migration changed what one of its statements returns', async () => {
  const write = () =>
    inStatements(async (tx) => {
      const statement = frequent(sql<{ name: string }>`INSERT INTO migrated VALUES (${'c'}) RETURNING name`);
      const [rows] = await Promise.all([query(tx, statement), query(tx, sql`SELECT 1`)]);
      return rows;
    });
  for (const type of ['varchar(40)', 'varchar(50)']) {
    expect(await write()).toEqual([{ name: 'c' }]);
    await owner.query(`ALTER TABLE migrated ALTER name TYPE ${type}`);
    expect(await write()).toEqual([{ name: 'c' }]);
  }
  const { rows } = await owner.query('SELECT count(*)::int AS count FROM migrated');
  expect(rows).toEqual([{ count: 4 }]);
});

it('mints while a migration changes a column that mints read', async () => {
  await assertAppIdentity();
  await assertPreparedStatements({ preparesStatements: true });
  const scene = await connectedScene(world, { account: 'acme', by: 'olivia' });
  const administration = { workspaceId: scene.workspaceId, actor: scene.actor, origin: TEST_ORIGIN };
  const { key } = await createApiKey(administration, { name: 'engine' });
  const headers = { authorization: `Bearer ${key}`, 'x-forwarded-for': '192.0.2.9' };
  const url = 'http://localhost:3000/api/v1/internal/github/token';
  const mintOnce = async () => {
    const request = new NextRequest(url, { method: 'POST', headers });
    return (await mint(request, { params: Promise.resolve({}) })).status;
  };
  const countMints = () => getDb().auditEvent.count({ where: { type: 'github.token_minted' } });
  const before = await countMints();
  const issued = Array.from({ length: LANES.mint.connections }, () => 201);
  expect(await onEachConnection(mintOnce)).toEqual(issued);
  await owner.query('ALTER TABLE api_keys ALTER name TYPE varchar(200)');
  expect(await onEachConnection(mintOnce)).toEqual(issued);
  expect(await countMints()).toBe(before + 2 * LANES.mint.connections);
});
