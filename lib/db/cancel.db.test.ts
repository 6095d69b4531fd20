/**
 * Blocks a row, and checks that a statement that waits for it ends in the database as well once its lane's lease is over.
 * PostgreSQL does not notice by itself that nobody waits for the result.
 */
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { findPgBouncer, startPgBouncer } from '../../local/services/pgbouncer';
import { createTestDatabase } from '../../local/test/database';
import { testEnvironment } from '../auth/test-fixtures';
import { PrismaClient } from './generated/client';
import { openLane } from './pool';
import { isDatabaseUnavailable } from './unavailable';

const database = await createTestDatabase();
const owner = new pg.Client(database.ownerUrl);
beforeAll(async () => {
  await owner.connect();
  await owner.query(`INSERT INTO workspaces (slug, name) VALUES ('acme', 'Acme')`);
});
afterAll(() => owner.end());

const pooler = findPgBouncer();

/** Counts the statements that wait for a lock in this database. */
async function waiting(): Promise<number> {
  const { rows } = await owner.query<{ count: number }>(
    `SELECT count(DISTINCT pid)::int FROM pg_locks JOIN pg_stat_activity USING (pid)
     WHERE NOT granted AND datname = current_database()`,
  );
  return rows[0]?.count ?? 0;
}

const RENAME = `UPDATE workspaces SET name = 'Other' WHERE slug = 'acme'`;

const STATEMENTS: [string, (lane: pg.Pool) => Promise<unknown>][] = [
  ['a statement of the pool', (lane) => lane.query(RENAME)],
  [
    'a statement of Prisma without a transaction',
    (lane) => new PrismaClient({ adapter: new PrismaPg(lane) }).$executeRawUnsafe(RENAME),
  ],
  [
    'a transaction without timeouts',
    async (lane) => {
      const client = await lane.connect();
      try {
        await client.query('BEGIN');
        await client.query(RENAME);
      } finally {
        client.release(true);
      }
    },
  ],
];

describe.each([
  ['a direct connection', async () => ({ url: database.appUrl, close: async () => {} })],
  ...(pooler === undefined ? [] : [['a transaction pooler', () => startPgBouncer(database.appUrl)] as const]),
] as const)('a lane with %s', (_, connect) => {
  it.each(STATEMENTS)('cancels %s in the database when its lease is over', async (_, send) => {
    const { url, close } = await connect();
    for (const [name, value] of Object.entries(testEnvironment(url))) vi.stubEnv(name, value);
    const lane = openLane({ connections: 2, leaseMs: 1500 });
    onTestFinished(() => lane.end().then(close));
    await owner.query('BEGIN');
    await owner.query(`SELECT FROM workspaces WHERE slug = 'acme' FOR UPDATE`);
    try {
      const failed = send(lane).then(
        () => undefined,
        (error: unknown) => error,
      );
      await expect.poll(waiting, { interval: 20 }).toBe(1);
      expect(isDatabaseUnavailable(await failed)).toBe(true);
      // The row is still locked, so only a cancellation can have ended the wait.
      await expect.poll(waiting).toBe(0);
    } finally {
      await owner.query('COMMIT');
    }
    // The lane goes on with a working connection.
    expect((await lane.query(`SELECT name FROM workspaces WHERE slug = 'acme'`)).rows).toEqual([
      { name: 'Acme' },
    ]);
  });
});
