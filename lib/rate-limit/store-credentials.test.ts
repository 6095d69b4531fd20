/**
 * Tests stores whose credentials grant less than the limiter needs, with a real Redis and a server that mimics Upstash.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Redis } from 'ioredis';
import { afterAll, describe, expect, it } from 'vitest';
import { findRedisServer, startRedisServer } from '../../local/services/redis-server';
import { startStore } from '../../local/services/store';
import { createLimiter } from './limiter';
import { connectRedis, connectUpstash, type RedisConnection, StoreRefused } from './store';

const LIMIT = 3;
const DEADLINE_MS = 10_000;

const closes: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closes) await close();
});

/**
 * Returns how many of ten requests are allowed. The store rejects every command, so this process has to decide alone.
 */
async function passing(redis: RedisConnection) {
  const limiter = createLimiter({
    redis,
    policies: { one: { limit: LIMIT, windowSeconds: 60 } },
    deadlineMs: DEADLINE_MS,
  });
  const decisions = [];
  for (let index = 0; index < 10; index++) decisions.push(await limiter.limit('one', 'client'));
  return { passed: decisions.filter(({ allowed }) => allowed).length, degraded: decisions[0]?.degraded };
}

describe('Upstash', () => {
  it('reports Upstash as ready with a token that may write', async () => {
    const store = await startStore();
    closes.push(() => store.close());
    await connectUpstash(store, DEADLINE_MS).ping();
  });

  it('reports a token that may only read, although it may PING, and limits requests in this process', async () => {
    // Mimics Upstash with a read-only token: allows reads and rejects everything else.
    const server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      const sent: unknown = JSON.parse(body);
      const isPipeline = request.url?.includes('pipeline') ?? false;
      const answers = (isPipeline ? (sent as string[][]) : [sent as string[]]).map(([name = '']) =>
        ['ping', 'get'].includes(name.toLowerCase())
          ? { result: 'PONG' }
          : { error: `NOPERM this user has no permissions to run the '${name.toLowerCase()}' command` },
      );
      const status = !isPipeline && answers.some((answer) => 'error' in answer) ? 400 : 200;
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(isPipeline ? answers : answers[0]));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closes.push(() => server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const redis = connectUpstash({ url, token: 'read-only-token' }, DEADLINE_MS);
    await expect(redis.ping()).rejects.toThrow(StoreRefused);
    await expect(redis.ping()).rejects.toThrow('UPSTASH_REDIS_REST_TOKEN may not write');
    expect(await passing(redis)).toEqual({ passed: LIMIT, degraded: true });
  });
});

describe.skipIf(findRedisServer() === undefined)('a real Redis (skipped where the machine has none)', () => {
  it('reports Redis as ready for a user that may write, and reports each user that may not', async () => {
    const server = await startRedisServer();
    const port = new URL(server.url).port;
    const admin = new Redis(Number(port), '127.0.0.1');
    const connections: RedisConnection[] = [];
    const as = (credentials: string) => {
      const connection = connectRedis(`redis://${credentials}127.0.0.1:${port}`, DEADLINE_MS);
      connections.push(connection);
      return connection;
    };
    try {
      await as('').ping();
      await admin.call('ACL', 'SETUSER', 'full', 'on', '>password', '~*', '+@all');
      await admin.call('ACL', 'SETUSER', 'unscripted', 'on', '>password', '~*', '+@all', '-@scripting');
      await admin.call(
        'ACL',
        'SETUSER',
        'reader',
        'on',
        '>password',
        '~*',
        '+@read',
        '+ping',
        '+eval',
        '+evalsha',
      );
      await admin.call('ACL', 'SETUSER', 'default', 'resetpass', '>required');
      const full = as('full:password@');
      await full.ping();
      expect(await passing(full)).toEqual({ passed: LIMIT, degraded: false });
      for (const credentials of ['unscripted:password@', 'reader:password@', 'full:wrong@', '']) {
        const redis = as(credentials);
        const failure = await redis.ping().catch((error: unknown) => error);
        expect([credentials, failure]).toEqual([credentials, expect.any(StoreRefused)]);
        expect(String(failure)).not.toContain('password');
        expect(await passing(redis)).toEqual({ passed: LIMIT, degraded: true });
      }
    } finally {
      for (const connection of connections) connection.close();
      // Remove the password first, because closing the server reads its content without one.
      await admin.call('ACL', 'SETUSER', 'default', 'nopass');
      admin.disconnect();
      await server.close();
    }
  });
});
