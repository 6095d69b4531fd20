/**
 * Tests that a process which was stopped or blocked looks once more for its database connection. All timers that are due
 * fire before the process reads what has arrived meanwhile, so they would end a connection that the database has opened.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import type pg from 'pg';
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { createTestDatabase } from '../../local/test/database';
import { testEnvironment } from '../auth/test-fixtures';
import { connectionWait, openLane } from './pool';

const WAIT_MS = 300;
const STALLED_MS = 3 * WAIT_MS;

const database = await createTestDatabase();

beforeEach(() => {
  const { mostMs } = connectionWait;
  connectionWait.mostMs = WAIT_MS;
  onTestFinished(() => {
    connectionWait.mostMs = mostMs;
  });
});

function startLane(urls: string[]): pg.Pool {
  for (const [name, value] of Object.entries(testEnvironment(database.appUrl))) vi.stubEnv(name, value);
  const lane = openLane({ connections: 1, leaseMs: 60_000 }, urls);
  onTestFinished(() => lane.end());
  return lane;
}

/** Blocks the event loop for longer than a connection may take, as a paused machine does. */
function stall(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STALLED_MS);
}

const SELECT = 'SELECT 1 AS one';
const WAYS: [string, (lane: pg.Pool) => Promise<pg.QueryResult>][] = [
  ['a statement', (lane) => lane.query(SELECT)],
  [
    'a transaction',
    async (lane) => {
      const client = await lane.connect();
      return client.query(SELECT).finally(() => client.release());
    },
  ],
];
const URLS: [string, string[]][] = [
  ['one URL', [database.appUrl]],
  ['two URLs', [database.appUrl, database.appUrl]],
];

it.each(URLS.flatMap(([urls, list]) => WAYS.map(([way, run]) => [way, urls, run, list] as const)))(
  'runs %s, with %s, although the process stalled while its connection opened',
  async (_way, _urls, run, list) => {
    const lane = startLane(list);
    const result = run(lane);
    // The second attempt may take its time, so that this test does not depend on the machine's speed.
    lane.options.connectionTimeoutMillis = 60_000;
    stall();
    expect((await result).rows).toEqual([{ one: 1 }]);
  },
);

it.each(WAYS)('runs %s although the process stalled while it waited for its turn', async (_, run) => {
  connectionWait.mostMs = 60_000;
  const lane = startLane([database.appUrl]);
  const holder = await lane.connect();
  lane.options.connectionTimeoutMillis = WAIT_MS;
  const result = run(lane);
  lane.options.connectionTimeoutMillis = 60_000;
  stall();
  // Behind the timer of the first attempt, which is due since.
  setTimeout(() => holder.release());
  expect((await result).rows).toEqual([{ one: 1 }]);
});

it('gives up after the second attempt if the server answers nothing', async () => {
  let opened = 0;
  const server = createServer((socket) => {
    opened += 1;
    socket.on('error', () => {});
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const url = new URL(database.appUrl);
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const lane = startLane([url.href]);
  const result = lane.query(SELECT).catch((error: Error) => error.message);
  stall();
  expect(await result).toMatch(/timeout/);
  expect(opened).toBe(2);
});
