/**
 * Puts a gateway between a lane and PostgreSQL that stops passing on responses, as a lost network or a stopped server
 * does. PostgreSQL cannot be asked to cancel anything then, so the lane must close the connection by itself.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type pg from 'pg';
import { afterAll, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { createTestDatabase } from '../../local/test/database';
import { testEnvironment } from '../auth/test-fixtures';
import { openLane } from './pool';
import { isDatabaseUnavailable } from './unavailable';

const database = await createTestDatabase();

/** While the gateway hangs, it drops responses, and new connections get none. */
const gateway = { isHung: false };
const target = new URL(database.appUrl);
const server = createServer((socket: Socket) => {
  const upstream = connect(Number(target.port || 5432), target.hostname);
  for (const each of [socket, upstream]) each.on('error', () => {});
  socket.pipe(upstream);
  upstream.on('data', (bytes) => gateway.isHung || socket.write(bytes));
  upstream.on('close', () => gateway.isHung || socket.destroy());
  socket.on('close', () => upstream.destroy());
}).listen(0, '127.0.0.1');
await once(server, 'listening');
afterAll(() => server.close());

const url = new URL(database.appUrl);
url.hostname = '127.0.0.1';
url.port = String((server.address() as AddressInfo).port);

function startLane(): pg.Pool {
  for (const [name, value] of Object.entries(testEnvironment(url.href))) vi.stubEnv(name, value);
  const lane = openLane({ connections: 1, leaseMs: 300 });
  onTestFinished(() => lane.end());
  return lane;
}

beforeEach(() => {
  gateway.isHung = false;
});

it.each([
  ['one statement', false],
  ['statements sent together', true],
])('a lane closes a connection whose server hangs, while it waits for %s', async (_, pipeline) => {
  const lane = startLane();
  const client: pg.PoolClient = Object.assign(await lane.connect(), { pipeline });
  client.on('error', () => {});
  await client.query('SELECT 1');
  gateway.isHung = true;
  const failures = await Promise.all(
    ['BEGIN', 'SELECT 2'].map((text) =>
      client.query(text).then(
        () => undefined,
        (error: unknown) => error,
      ),
    ),
  );
  expect(failures.map((error) => isDatabaseUnavailable(error))).toEqual([true, true]);
  client.release(true);
  gateway.isHung = false;
  expect((await lane.query('SELECT 3 AS three')).rows).toEqual([{ three: 3 }]);
});
