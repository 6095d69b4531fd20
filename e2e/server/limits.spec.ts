import { expect, test } from '@playwright/test';
import { encode } from 'next-auth/jwt';
import pg from 'pg';
import { type Customer, createCustomer, mintInternal, type OwnServer, startOwnServer } from './own-server';

let server: OwnServer;
let customer: Customer;

test.beforeAll(async () => {
  server = await startOwnServer();
  customer = await createCustomer(server.services.env);
});
test.afterAll(() => server?.close());

/** Returns headers that a client could forge to pass for another client. */
function forged(n: number): Record<string, string> {
  const ip = `198.51.${n % 256}.${(n * 7) % 256}`;
  return {
    'x-forwarded-for': n % 3 === 0 ? `${ip}, 10.0.0.${n % 256}` : ip,
    'x-real-ip': ip,
    forwarded: `for=${ip};proto=https`,
    'x-client-ip': ip,
    'cf-connecting-ip': ip,
    'true-client-ip': ip,
  };
}

async function mintUser(headers: Record<string, string>): Promise<Response> {
  const { NEXTAUTH_SECRET: secret = '' } = server.services.env;
  const jwt = await encode({ token: { sub: customer.ownerId }, secret });
  return fetch(`${server.app.url}/api/v1/workspaces/${customer.slug}/github/token`, {
    method: 'POST',
    headers: { authorization: `Bearer ${jwt}`, ...headers },
  });
}

function expectRefused(status: number, headers: Headers, limit: number): void {
  expect(status).toBe(429);
  const wait = Number(headers.get('retry-after'));
  expect(Number.isInteger(wait)).toBe(true);
  expect(wait).toBeGreaterThanOrEqual(1);
  expect(wait).toBeLessThanOrEqual(60);
  expect(headers.get('ratelimit-policy')).toContain(`q=${limit};w=60`);
  expect(headers.get('ratelimit')).toContain('r=0');
  expect(headers.get('content-type')).toBe('application/problem+json');
  expect(headers.get('x-request-id')).toBeTruthy();
}

test('the internal endpoint accepts 30 requests a minute from one client, whatever headers it forges', async () => {
  const statuses: number[] = [];
  for (let n = 1; n <= 30; n++) {
    const { status, headers } = await mintInternal(server.app.url, customer.apiKey, { headers: forged(n) });
    statuses.push(status);
    expect(headers.get('ratelimit')).toContain(`r=${30 - n}`);
  }
  expect(new Set(statuses)).toEqual(new Set([409]));
  for (let n = 31; n <= 60; n++) {
    const { status, headers } = await mintInternal(server.app.url, customer.apiKey, { headers: forged(n) });
    expectRefused(status, headers, 30);
  }
});

test('unauthenticated requests count towards the same limit, and those over it never reach the database', async () => {
  const flooded = await startOwnServer({ RATE_LIMIT_INTERNAL_PER_MINUTE: '3' });
  const owner = new pg.Client(flooded.services.database.ownerUrl);
  try {
    const { apiKey } = await createCustomer(flooded.services.env);
    const mint = (key: string, n: number) => mintInternal(flooded.app.url, key, { headers: forged(n) });
    for (let n = 1; n <= 3; n++) expect((await mint('psk_demo_nonsense', n)).status).toBe(401);
    await owner.connect();
    // From here on, any lookup of a key would hang. So a response proves that the app didn't look one up.
    await owner.query('BEGIN; LOCK TABLE api_keys IN ACCESS EXCLUSIVE MODE');
    for (const key of ['psk_demo_nonsense', apiKey]) {
      const { status, headers } = await mint(key, 99);
      expectRefused(status, headers, 3);
    }
  } finally {
    await owner.end();
    await flooded.close();
  }
});

test('the user endpoint accepts 20 requests a minute, counted separately', async () => {
  for (let n = 1; n <= 20; n++) expect((await mintUser(forged(n))).status).toBe(409);
  for (let n = 21; n <= 30; n++) {
    const refused = await mintUser(forged(n));
    expectRefused(refused.status, refused.headers, 20);
  }
});
