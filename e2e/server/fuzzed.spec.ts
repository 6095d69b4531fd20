/**
 * Malformed webhook and API requests (F8): none is accepted, none ends in a 5xx. A few thousand of them here; as many as
 * `FUZZED_REQUESTS` says, 100,000 for one.
 */
import { randomInt, randomUUID } from 'node:crypto';
import { expect, test } from '@playwright/test';
import { encode } from 'next-auth/jwt';
import { connectedCustomer } from './connected-customer';
import { type Customer, createCustomer, type OwnServer, startOwnServer } from './own-server';

const REQUESTS = Number(process.env.FUZZED_REQUESTS ?? 3000);
const AT_ONCE = 16;
const ENVIRONMENT = {
  RATE_LIMIT_USER_PER_MINUTE: '1000000',
  RATE_LIMIT_INTERNAL_PER_MINUTE: '1000000',
  RECONCILE_INTERVAL_SECONDS: '0',
};

type Malformed = { method: string; path: string; headers: Record<string, string>; body?: string | Buffer };

let server: OwnServer;
let customer: Customer;
let authorization: string;

test.beforeAll(async () => {
  server = await startOwnServer(ENVIRONMENT);
  customer = await createCustomer(server.services.env);
  await connectedCustomer(server, customer, 'olivia', 'acme');
  const secret = server.services.env.NEXTAUTH_SECRET ?? '';
  authorization = `Bearer ${await encode({ token: { sub: customer.ownerId }, secret })}`;
});
test.afterAll(() => server?.close());

const oneOf = <T>(choices: readonly T[]): T => {
  const chosen = choices[randomInt(choices.length)];
  if (chosen === undefined) throw new Error('nothing to choose from');
  return chosen;
};
const bytes = (length: number) => Buffer.from(Array.from({ length }, () => randomInt(256)));

/** Values that are wrong for every field there is: of another type, out of range, hostile, or far too long. */
const wrong = (): unknown =>
  oneOf<() => unknown>([
    () => null,
    () => -1,
    () => 1.5,
    () => 1e308,
    () => Number.MAX_SAFE_INTEGER + 1,
    () => true,
    () => '',
    () => '\u0000',
    () => '\ud800',
    () => "' OR 1=1 --",
    () => '../../etc/passwd',
    () => '💥'.repeat(randomInt(1, 2000)),
    () => ({}),
    () => ({ __proto__: { admin: true }, constructor: 1 }),
    () => [[[[]]]],
    () => Array.from({ length: randomInt(1, 600) }, () => 'x'),
  ])();

/** JSON with a byte cut off, added or changed; no JSON at all; or of a wrong shape. */
function malformedJson(field: string): string | Buffer {
  const json = JSON.stringify({ [oneOf([field, 'unknown_field'])]: wrong() });
  return oneOf<() => string | Buffer>([
    () => json,
    () => json.slice(0, -1),
    () => `${json}}`,
    () => bytes(randomInt(1, 400)),
    () => '[]',
    () => 'null',
    () => '['.repeat(randomInt(1, 5000)),
  ])();
}

const WEBHOOK = '/api/github/webhooks';

/** Unsigned, wrongly signed, or rightly signed and still not GitHub's. */
function malformedDelivery(): Malformed {
  const event = oneOf(['installation', 'installation_repositories', 'repository', 'installation_target']);
  const action = oneOf(['created', 'deleted', 'suspend', 'added', 'removed', 'renamed', 'transferred']);
  const payload = { action, [oneOf(['installation', 'repository', 'repositories_removed'])]: wrong() };
  const { headers, body } = server.services.github.signDelivery(event, payload);
  const signature = oneOf([
    '',
    'sha256=',
    `sha256=${'0'.repeat(64)}`,
    `sha1=${'0'.repeat(40)}`,
    `sha256=${bytes(32).toString('hex')}`,
    bytes(40).toString('base64'),
  ]);
  const wronglySigned = { ...headers, 'X-Hub-Signature-256': signature };
  return { method: 'POST', path: WEBHOOK, headers: wronglySigned, body: oneOf([body, bytes(200)]) };
}

function malformedCall(): Malformed {
  const key = { authorization: `Bearer ${customer.apiKey}` };
  const user = { authorization };
  const json = { 'content-type': 'application/json' };
  const workspace = `/api/v1/workspaces/${customer.slug}`;
  const query = `${oneOf(['cursor', 'limit', 'installation_id', 'from', 'ip', 'unknown'])}=${encodeURIComponent(
    oneOf(['-1', '1e9', 'x', '\u0000', '999999999999999999999', '%', '../..', "'--"]),
  )}`;
  const id = encodeURIComponent(oneOf(['x', '-1', '%00', '..', randomUUID(), '9'.repeat(30)]));
  return oneOf<() => Malformed>([
    () => ({
      method: 'POST',
      path: '/api/v1/internal/github/token',
      headers: { ...key, ...json },
      body: malformedJson(oneOf(['installation_id', 'repositories'])),
    }),
    () => ({
      method: 'POST',
      path: '/api/v1/internal/github/token/revoke',
      headers: { ...key, ...json },
      body: malformedJson('token'),
    }),
    () => ({
      method: 'POST',
      path: `${workspace}/api-keys`,
      headers: { ...user, ...json },
      body: malformedJson(oneOf(['repositories', 'expires_in'])),
    }),
    () => ({ method: 'GET', path: `${workspace}/audit-events?${query}&limit=0`, headers: user }),
    () => ({ method: 'GET', path: `${workspace}/github/repositories?${query}&limit=0`, headers: user }),
    () => ({ method: 'DELETE', path: `${workspace}/github/installations/${id}`, headers: user }),
    () => ({ method: 'DELETE', path: `${workspace}/api-keys/${id}`, headers: user }),
    () => ({
      method: 'POST',
      path: '/api/v1/internal/github/token',
      headers: { authorization: `${oneOf(['Bearer', 'Basic', 'bearer ', ''])} ${bytes(60).toString('hex')}` },
    }),
    () => ({ method: oneOf(['PUT', 'PATCH']), path: `${workspace}/api-keys`, headers: user }),
  ])();
}

async function statusOf({ method, path, headers, body }: Malformed): Promise<number> {
  const response = await fetch(`${server.app.url}${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : new Uint8Array(body) }),
  });
  await response.arrayBuffer();
  return response.status;
}

test('malformed requests are refused, every one of them, and the server is none the worse', async () => {
  test.setTimeout(600_000 + REQUESTS * 100);
  const { github } = server.services;
  const asked = () => github.requests.filter({ method: 'POST' }).length;
  const before = asked();
  const odd: string[] = [];
  for (let sent = 0; sent < REQUESTS; sent += AT_ONCE) {
    const requests = Array.from({ length: AT_ONCE }, () => oneOf([malformedDelivery, malformedCall])());
    const statuses = await Promise.all(requests.map(statusOf));
    for (const [index, status] of statuses.entries()) {
      const request = requests[index];
      if (status < 400 || status >= 500)
        odd.push(
          `${status} ${request?.method} ${request?.path} ${String(request?.body ?? '').slice(0, 200)}`,
        );
    }
  }
  expect(odd).toEqual([]);
  // None of them reached GitHub, and the next right one is served.
  expect(asked()).toBe(before);
  const response = await fetch(`${server.app.url}/api/v1/internal/github/token`, {
    method: 'POST',
    headers: { authorization: `Bearer ${customer.apiKey}` },
  });
  expect(response.status).toBe(201);
});
