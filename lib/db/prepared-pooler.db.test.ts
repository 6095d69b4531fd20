/** Prepared statements through a real PgBouncer in transaction mode, which may keep them or not. */
import pg from 'pg';
import { afterAll, describe, expect, it } from 'vitest';
import { canKeepStatements, findPgBouncer, startPgBouncer } from '../../local/services/pgbouncer';
import { createTestDatabase } from '../../local/test/database';
import { startTestApp } from '../auth/test-fixtures';
import { findingOf } from '../doctor/test-findings';
import { LANES, openLane } from './pool';
import { arePreparedStatementsKept, assertPreparedStatements, PreparedStatementsLost } from './prepared';
import { query, sql } from './sql';

const where = findPgBouncer();
const reason = where === undefined ? ' (skipped: pgbouncer is not on this machine)' : '';
const ON = { preparesStatements: true };

const closing: (() => Promise<void>)[] = [];

/** Starts PgBouncer in front of a new database, and points the app to it. */
async function startBehindPooler(keepsStatements: boolean): Promise<{ ownerUrl: string; url: string }> {
  const { appUrl, ownerUrl } = await createTestDatabase();
  const pooler = await startPgBouncer(appUrl, 2, keepsStatements);
  closing.push(pooler.close);
  return { ownerUrl, url: pooler.url };
}

const lossy = where === undefined ? undefined : await startBehindPooler(false);
await startTestApp({
  DATABASE_PREPARED_STATEMENTS: '1',
  ...(lossy === undefined ? {} : { DATABASE_URL: lossy.url }),
});

const keeping = canKeepStatements() ? await startBehindPooler(true) : undefined;
const direct = await createTestDatabase();
// Registered after the databases, so that it runs before they are dropped.
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

describe.skipIf(where === undefined)(`prepared statements behind a pooler${reason}`, () => {
  it('refuses to start if the pooler loses prepared statements, and tells the remedy', async () => {
    const refused = assertPreparedStatements(ON);
    await expect(refused).rejects.toThrow(PreparedStatementsLost);
    await expect(refused).rejects.toThrow(/Set it to 0, or use PgBouncer 1\.21/);
  });

  it('lets the doctor fail for the same reason', async () => {
    expect(await findingOf('database-pooler')).toMatchObject({
      status: 'fail',
      found: expect.stringContaining('keeps no prepared statements'),
    });
  });

  it('starts behind the same pooler without prepared statements', async () => {
    await assertPreparedStatements({ preparesStatements: false });
  });

  it('sends statements as text once a pooler has lost one, and runs each once', async () => {
    const owner = new pg.Client(lossy?.ownerUrl);
    await owner.connect();
    closing.push(() => owner.end());
    await owner.query('CREATE TABLE written (n int); GRANT SELECT, INSERT ON written TO PUBLIC');
    const numbers = Array.from({ length: 20 * LANES.mint.connections }, (_, n) => n);
    await Promise.all(
      numbers.map((n) => query('mint', sql`INSERT INTO written VALUES (${n}::int) RETURNING n`)),
    );
    const { rows } = await owner.query('SELECT n FROM written ORDER BY n');
    expect(rows.map(({ n }) => n)).toEqual(numbers);
  });

  it.skipIf(keeping === undefined)('starts behind a pooler that keeps prepared statements', async () => {
    const pool = openLane(LANES.mint, keeping && [keeping.url]);
    closing.push(() => pool.end());
    expect(await arePreparedStatementsKept(pool)).toBe(true);
  });
});

it('starts without a pooler', async () => {
  const pool = openLane(LANES.mint, [direct.appUrl]);
  closing.push(() => pool.end());
  expect(await arePreparedStatementsKept(pool)).toBe(true);
});
