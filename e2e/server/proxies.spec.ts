/**
 * Runs two replicas of the production build behind nginx and HAProxy, which are configured exactly as
 * docs/operations.md says.
 */
import { Agent } from 'node:https';
import { expect, test } from '@playwright/test';
import { parse } from 'node-html-parser';
import pg from 'pg';
import type { AppServer } from '../../local/app/server';
import { missingForProxy, type RunningProxy, startProxy } from '../../local/services/proxies';
import { connectedCustomer, customersMints } from './connected-customer';
import { type Customer, createCustomer, type OwnServer, startOwnServer, startReplica } from './own-server';
import { type Answer, ask, askHttp2, ORIGIN, peersOf, type Sent } from './through-proxy';

const MINT = 'POST /app/installations/{installation_id}/access_tokens';
const MOST_BYTES = 25 * 1024 * 1024;
const ENVIRONMENT = { NEXTAUTH_URL: ORIGIN, TRUSTED_PROXY_HOPS: '1', GITHUB_TIMEOUT_MS: '60000' };
const LIVE: Sent = { path: '/api/health/live' };

let server: OwnServer;
let customer: Customer;
const replicas: AppServer[] = [];
const portOf = ({ url }: AppServer) => Number(new URL(url).port);
const replica = (index: number) => replicas[index] as AppServer;

test.beforeAll(async () => {
  if (isSkipped('nginx') && isSkipped('haproxy')) return;
  server = await startOwnServer();
  customer = await createCustomer(server.services.env);
  await connectedCustomer(server, customer, 'olivia', 'acme');
  for (let count = 0; count < 2; count++) replicas.push(await startReplica(server, ENVIRONMENT));
});
test.afterAll(async () => {
  for (const each of replicas) await each.stop();
  await server?.close();
});

/** Starts a stopped replica again on its former port. */
async function restart(index: number): Promise<void> {
  replicas[index] = await startReplica(server, { ...ENVIRONMENT, PORT: String(portOf(replica(index))) });
}

/**
 * Returns why the proxy can't be tested on this machine, or `undefined` if it can. The tests need clients with
 * different loopback addresses, which only Linux allows.
 */
function isSkipped(name: 'nginx' | 'haproxy'): string | undefined {
  const missing = missingForProxy(name);
  if (missing !== undefined) return `${missing} is not on this machine`;
  return process.platform === 'linux' ? undefined : 'takes a client with an address of its own, as on Linux';
}

const mintOf = (key: string, from: string, headers: Record<string, string> = {}): Sent => ({
  path: '/api/v1/internal/github/token',
  method: 'POST',
  headers: { authorization: `Bearer ${key}`, ...headers },
  from,
});

/** Returns headers that a client could forge to pass for another client. */
const forged = (n: number) => ({
  'x-forwarded-for': ['203.0.113.9', '203.0.113.9, 198.51.100.1', 'x', '127.0.0.1', ''][n % 5] ?? '',
  'x-real-ip': `203.0.113.${n}`,
  forwarded: `for=203.0.113.${n}`,
});

for (const [name, network] of [
  ['nginx', '127.0.1'],
  ['haproxy', '127.0.2'],
] as const) {
  test.describe(`behind ${name}`, () => {
    const skipped = isSkipped(name);
    test.skip(skipped !== undefined, skipped ?? '');
    let proxy: RunningProxy;
    test.beforeAll(async () => {
      proxy = await startProxy(name, [portOf(replica(0)), portOf(replica(1))]);
    });
    test.afterAll(() => proxy?.close());

    test('a client is identified by its own address, whatever it forges, over HTTP/1.1 and HTTP/2', async () => {
      const client = `${network}.1`;
      for (let n = 0; n < 5; n++)
        expect((await ask(proxy.port, mintOf(customer.apiKey, client, forged(n)))).status).toBe(201);
      expect(await askHttp2(proxy.port, mintOf(customer.apiKey, client, forged(0)))).toBe(201);
      expect(await recentClients(6)).toEqual(Array.from({ length: 6 }, () => client));
    });

    test('a delivery of 25 MB is accepted, and a larger one is refused with 413', async () => {
      for (const [bytes, status] of [
        [MOST_BYTES, 202],
        [MOST_BYTES + 1, 413],
        [2 * MOST_BYTES, 413],
        [1_000, 202],
      ] as const) {
        const { headers, body } = delivery(bytes);
        const sent = { path: '/api/github/webhooks', method: 'POST', headers, body };
        expect([bytes, (await ask(proxy.port, sent)).status]).toEqual([bytes, status]);
      }
      const { headers, body } = delivery(MOST_BYTES);
      const altered = { path: '/api/github/webhooks', method: 'POST', headers, body: body.replace('x', 'y') };
      expect((await ask(proxy.port, altered)).status).toBe(401);
    });

    test('large headers are accepted, and larger ones are refused with 4xx', async () => {
      const withCookie = (bytes: number) => ({ ...LIVE, headers: { cookie: 'x'.repeat(bytes) } });
      expect((await ask(proxy.port, withCookie(12_000))).status).toBe(200);
      // The limit is about 16 KB. Either the proxy or the app may be the one that enforces it.
      for (const bytes of [15_900, 16_100, 16_300, 16_400, 40_000]) {
        const { status } = await ask(proxy.port, withCookie(bytes));
        expect(bytes < 16_384 ? [200, 400, 431] : [400, 431]).toContain(status);
      }
    });

    test('a browser gets the public address, whatever host is forged, and its forms are accepted', async () => {
      const headers = {
        'x-forwarded-host': 'evil.test',
        'x-forwarded-proto': 'http',
        forwarded: 'host=evil.test',
      };
      const providers = await ask(proxy.port, { path: '/api/auth/providers', headers });
      expect(providers.body).toContain(`"${ORIGIN}/api/auth/`);
      expect(providers.body).not.toContain('evil.test');
      const home = await ask(proxy.port, { path: '/', headers });
      const { location = '' } = home.headers;
      expect(new URL(location, ORIGIN).origin).toBe(ORIGIN);
      const csrf = await ask(proxy.port, { path: '/api/auth/csrf' });
      expect(csrf.headers['set-cookie']?.join()).toMatch(/__Host-[^=]*csrf[^;]*;[^,]*Secure/);

      const themed = await chooseDark(ORIGIN);
      expect(themed.headers['set-cookie']?.join()).toMatch(/theme=dark;.*Secure/);
      expect((await chooseDark('https://evil.test')).headers['set-cookie']).toBeUndefined();
    });

    /** Submits the page's theme form, which is a server action. */
    async function chooseDark(origin: string): Promise<Answer> {
      const path = '/trust';
      const page = parse((await ask(proxy.port, { path })).body);
      const form = page.querySelectorAll('form').find((each) => each.querySelector('[name=theme]') !== null);
      const data = new FormData();
      for (const field of form?.querySelectorAll('input[type=hidden]') ?? [])
        data.append(field.getAttribute('name') ?? '', field.getAttribute('value') ?? '');
      data.set('theme', 'dark');
      const encoded = new Response(data);
      const headers = { origin, 'content-type': encoded.headers.get('content-type') ?? '' };
      const body = Buffer.from(await encoded.arrayBuffer());
      return ask(proxy.port, { path, method: 'POST', headers, body });
    }

    test('many requests share few connections to a replica', async () => {
      const agent = new Agent({ keepAlive: true });
      const before = await Promise.all(replicas.map((each) => peersOf(portOf(each))));
      for (let n = 0; n < 100; n++) expect((await ask(proxy.port, { ...LIVE, agent })).status).toBe(200);
      agent.destroy();
      const after = await Promise.all(replicas.map((each) => peersOf(portOf(each))));
      const opened = after.map(
        (ports, index) => [...ports].filter((port) => !before[index]?.has(port)).length,
      );
      expect(opened.every((count) => count <= 10)).toBe(true);
    });

    test('no request is lost while a replica is stopped, and requests in flight are answered', async () => {
      const { github } = server.services;
      github.requests.clear();
      const held = Array.from({ length: 4 }, () => github.knobs.holdNextAnswer(MINT));
      const mints = held.map(() => ask(proxy.port, mintOf(customer.apiKey, `${network}.3`)));
      await Promise.all(held.map(({ arrived }) => arrived));
      const agent = new Agent({ keepAlive: true });
      const statuses: number[] = [];
      let isOver = false;
      const caller = async (): Promise<void> => {
        while (!isOver) statuses.push((await ask(proxy.port, { ...LIVE, agent })).status);
      };
      const callers = Promise.all(Array.from({ length: 8 }, caller));
      try {
        await expect.poll(() => statuses.length).toBeGreaterThan(100);
        const stopped = replica(1).stop();
        const isTaken = () =>
          fetch(`${replica(1).url}/api/health/live`).then(
            () => true,
            () => false,
          );
        await expect.poll(isTaken).toBe(false);
        for (const { release } of held) release();
        expect((await Promise.all(mints)).map(({ status }) => status)).toEqual([201, 201, 201, 201]);
        await stopped;
        const before = statuses.length;
        await expect.poll(() => statuses.length).toBeGreaterThan(before + 100);
      } finally {
        isOver = true;
        await callers;
        agent.destroy();
      }
      expect(replica(1).exitCode()).toBe(0);
      expect(new Set(statuses)).toEqual(new Set([200]));
      expect(customersMints(github)).toBe(4);
      await restart(1);
    });

    test('a mint is not sent to another replica after its replica was killed', async () => {
      const { github } = server.services;
      await expect.poll(() => ask(proxy.port, LIVE).then(({ status }) => status)).toBe(200);
      github.requests.clear();
      const held = Array.from({ length: 6 }, () => github.knobs.holdNextAnswer(MINT));
      const mints = held.map(() => ask(proxy.port, mintOf(customer.apiKey, `${network}.4`)));
      await Promise.all(held.map(({ arrived }) => arrived));
      // The proxies alternate between replicas unless one is marked down, so each replica now has some of the mints.
      await replica(0).kill();
      for (const { release } of held) release();
      const statuses = (await Promise.all(mints)).map(({ status }) => status);
      expect(statuses).toContain(502);
      expect(statuses.filter((status) => status !== 502 && status !== 201)).toEqual([]);
      expect(customersMints(github)).toBe(6);
      await restart(0);
    });
  });
}

/** Returns a signed delivery with a body of exactly this size. */
function delivery(bytes: number) {
  const { github } = server.services;
  const around = github.signDelivery('ping', { zen: '' }).body.length;
  return github.signDelivery('ping', { zen: 'x'.repeat(bytes - around) });
}

/** Returns the client IP addresses of the last mints, newest first. */
async function recentClients(count: number): Promise<string[]> {
  const database = new pg.Client(server.services.database.ownerUrl);
  await database.connect();
  try {
    const { rows } = await database.query<{ ip: string }>(
      `SELECT host(client_ip) AS ip FROM audit_events
       WHERE type = 'github.token_minted' AND actor_type = 'api_key' ORDER BY seq DESC LIMIT $1`,
      [count],
    );
    return rows.map(({ ip }) => ip);
  } finally {
    await database.end();
  }
}
