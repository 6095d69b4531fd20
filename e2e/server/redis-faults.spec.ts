/**
 * Makes Redis refuse connections, hang or respond slowly (F2). The app must then enforce the same limit within the
 * process. One test uses the local store, which speaks Upstash's protocol. The other uses a real Redis if the machine
 * has one; on Debian, `npm test` installs it.
 */
import { expect, test } from '@playwright/test';
import { Redis } from 'ioredis';
import { findRedisServer, type RedisServer, startRedisServer } from '../../local/services/redis-server';
import { mintInternal, type OwnServer, startOwnServer } from './own-server';

const LIMIT = 30;
const BEFORE = 12;
const UPSTASH = ['UPSTASH_REDIS_REST_URL', 'UPSTASH_REDIS_REST_TOKEN'];

type Fault = { name: string; strike(): unknown; end(): unknown };

let server: OwnServer;
let redis: RedisServer | undefined;
let clients = 0;

test.afterEach(async () => {
  await server?.close();
  await redis?.close();
  redis = undefined;
});

/** Sends an unauthenticated request and returns its status: 401 if it's within the limit, 429 if it isn't. */
async function ask(ip: string): Promise<number> {
  const headers = { 'x-forwarded-for': ip };
  return (await mintInternal(server.app.url, 'psk_demo_nonsense', { headers })).status;
}

async function askOften(ip: string, times: number): Promise<{ passed: number; refused: number }> {
  const statuses = await Promise.all(Array.from({ length: times }, () => ask(ip)));
  const [passed = 0, refused = 0] = [401, 429].map(
    (each) => statuses.filter((status) => status === each).length,
  );
  expect(passed + refused).toBe(times);
  return { passed, refused };
}

const newClient = () => `198.51.100.${++clients}`;
const linesOf = (text: string) => server.app.log().split(text).length - 1;
/**
 * Counts the outages that, according to the log, have begun but not ended. A count above one would mean that the same
 * outage was logged repeatedly.
 */
const openOutages = () =>
  linesOf('rate limits are counted in this process') - linesOf('rate limits are counted in Redis again');

/** Reads the metric. Sends a request first, because the process checks Redis again only when it handles one. */
async function isDegraded(): Promise<boolean> {
  await ask(newClient());
  const response = await fetch(`${server.app.url}/api/metrics`, {
    headers: { authorization: `Bearer ${server.services.env.METRICS_TOKEN}` },
  });
  const value = /^pulsestream_rate_limit_degraded (\d)$/m.exec(await response.text())?.[1];
  expect(value).toBeDefined();
  return value === '1';
}

async function holdsThrough({ name, strike, end }: Fault, keys: () => Promise<string[]>): Promise<void> {
  await test.step(name, async () => {
    await expect.poll(isDegraded).toBe(false);
    const [busy, other] = [newClient(), newClient()];
    expect(await askOften(busy, BEFORE)).toEqual({ passed: BEFORE, refused: 0 });
    await strike();
    expect(await askOften(busy, LIMIT)).toEqual({ passed: LIMIT - BEFORE, refused: BEFORE });
    expect(await askOften(other, LIMIT)).toEqual({ passed: LIMIT, refused: 0 });
    expect(await isDegraded()).toBe(true);
    expect(openOutages()).toBe(1);
    await end();
    await expect.poll(isDegraded).toBe(false);
    await expect.poll(openOutages).toBe(0);
    // Make sure that requests really are counted in Redis again.
    await expect
      .poll(async () => {
        const client = newClient();
        await ask(client);
        return (await keys()).some((key) => key.endsWith(client));
      })
      .toBe(true);
  });
}

test('a limit stays exact while Upstash refuses, hangs, fails or is slow, and the app then returns to Upstash', async () => {
  server = await startOwnServer({ TRUSTED_PROXY_HOPS: '1' });
  const { knobs, dump } = server.services.store;
  const faults: Fault[] = [
    { name: 'refuses', strike: () => knobs.refuse(true), end: knobs.reset },
    { name: 'hangs', strike: () => knobs.hang(true), end: () => knobs.hang(false) },
    { name: 'slow', strike: () => knobs.delayMs(600), end: knobs.reset },
    { name: 'fails', strike: () => knobs.failWith(500), end: knobs.reset },
  ];
  for (const fault of faults) await holdsThrough(fault, async () => Object.keys(await dump()));
});

test('a limit stays exact while Redis is killed or stopped, and the app then returns to Redis', async () => {
  test.skip(findRedisServer() === undefined, 'no redis-server or valkey-server on this machine');
  const running = await startRedisServer();
  redis = running;
  server = await startOwnServer({ TRUSTED_PROXY_HOPS: '1', REDIS_URL: running.url }, UPSTASH);
  const keys = async () => {
    const client = new Redis(running.url);
    return client.keys('*').finally(() => client.disconnect());
  };
  await holdsThrough({ name: 'killed', strike: running.kill, end: running.restart }, keys);
  await holdsThrough({ name: 'stopped', strike: running.hang, end: running.resume }, keys);
});
