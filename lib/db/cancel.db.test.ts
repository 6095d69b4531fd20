/**
 * Blocks a row, and checks that a statement that waits for it ends in the database as well once its lane's lease is over.
 * PostgreSQL does not notice by itself that nobody waits for the result.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { findPgBouncer, startPgBouncer } from '../../local/services/pgbouncer';
import { createTestDatabase } from '../../local/test/database';
import { PrismaClient } from './generated/client';
import { openLane } from './pool';
import { isDatabaseUnavailable } from './unavailable';

const database = await createTestDatabase();
const owner = new pg.Client(database.ownerUrl);
/** Has no transaction, in which pg_stat_activity would leave out all connections that were opened after its first read. */
const observer = new pg.Client(database.ownerUrl);
beforeAll(async () => {
  await Promise.all([owner.connect(), observer.connect()]);
  await owner.query(`INSERT INTO workspaces (slug, name) VALUES ('acme', 'Acme')`);
});
afterAll(() => Promise.all([owner.end(), observer.end()]));

const pooler = findPgBouncer();

/** Counts the statements that wait for a lock in this database. */
async function waiting(): Promise<number> {
  const { rows } = await observer.query<{ count: number }>(
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

/**
 * Sends a statement on a lane of its own, and returns once it waits for the row. On a busy machine the lease may be over
 * before. Then the statement is sent again with twice the lease.
 *
 * @returns the lane, and a promise of the statement's error, or of `undefined` if it did not fail
 */
async function sendBlocked(
  url: string,
  send: (lane: pg.Pool) => Promise<unknown>,
  leaseMs = 1500,
): Promise<{ lane: pg.Pool; ended: Promise<unknown> }> {
  const lane = openLane({ connections: 2, leaseMs }, [url]);
  let isOver = false;
  const ended = send(lane)
    .then(
      () => undefined,
      (error: unknown) => error,
    )
    .finally(() => {
      isOver = true;
    });
  while (!isOver) if ((await waiting()) === 1) return { lane, ended };
  await lane.end();
  return sendBlocked(url, send, 2 * leaseMs);
}

describe.each([
  ['a direct connection', async () => ({ url: database.appUrl, close: async () => {} })],
  ...(pooler === undefined ? [] : [['a transaction pooler', () => startPgBouncer(database.appUrl)] as const]),
] as const)('a lane with %s', (_, connect) => {
  it.each(STATEMENTS)('cancels %s in the database when its lease is over', async (_, send) => {
    const { url, close } = await connect();
    onTestFinished(close);
    await owner.query('BEGIN');
    await owner.query(`SELECT FROM workspaces WHERE slug = 'acme' FOR UPDATE`);
    let lane: pg.Pool;
    try {
      const blocked = await sendBlocked(url, send);
      lane = blocked.lane;
      onTestFinished(() => lane.end());
      expect(isDatabaseUnavailable(await blocked.ended)).toBe(true);
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

/** The code of a CancelRequest, which follows its length. */
const CANCEL_REQUEST = 80877102;

/** A proxy that passes everything on but cancellations, which never arrive. */
async function withoutCancellations(databaseUrl: string) {
  const { hostname, port } = new URL(databaseUrl);
  let held = 0;
  const proxy = createServer((socket) => {
    const server = connect(Number(port), hostname);
    for (const [one, other] of [
      [socket, server],
      [server, socket],
    ] as const)
      one.on('error', () => {}).on('close', () => other.destroy());
    server.pipe(socket);
    socket.once('data', (first) => {
      if (first.length >= 8 && first.readInt32BE(4) === CANCEL_REQUEST) held++;
      else {
        server.write(first);
        socket.pipe(server);
      }
    });
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const url = new URL(databaseUrl);
  url.host = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  return { url: url.href, countHeld: () => held, close: () => proxy.close() };
}

it('gives nobody else a connection whose cancellation may still arrive', async () => {
  const proxy = await withoutCancellations(database.appUrl);
  const lane = openLane({ connections: 1, leaseMs: 1500 }, [proxy.url]);
  onTestFinished(async () => {
    await lane.end();
    proxy.close();
  });
  const backend = async () => (await lane.query('SELECT pg_backend_pid()')).rows[0].pg_backend_pid;
  const first = await backend();
  await owner.query('BEGIN');
  await owner.query(`SELECT FROM workspaces WHERE slug = 'acme' FOR UPDATE`);
  const renamed = lane.query(RENAME);
  try {
    await expect.poll(proxy.countHeld, { interval: 20 }).toBe(1);
  } finally {
    await owner.query('COMMIT');
  }
  // The statement ends by itself while its cancellation is on the way.
  await Promise.allSettled([renamed]);
  expect(await backend()).not.toBe(first);
});
