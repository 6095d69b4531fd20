/**
 * Sends malformed webhook and API requests (F8). None may have any effect but a sync, and the server must never respond
 * with 5xx. Each run sends the same few thousand requests. To generate others, set `FUZZED_SEED=…`; to set their
 * number, `FUZZED_REQUESTS=…`, such as 100000.
 */
import { createHmac } from 'node:crypto';
import { expect, test } from '@playwright/test';
import { encode } from 'next-auth/jwt';
import { SeededRandom } from 'offline-github/testing';
import { connectedCustomer } from './connected-customer';
import { type Customer, createCustomer, type OwnServer, startOwnServer } from './own-server';

const REQUESTS = Number(process.env.FUZZED_REQUESTS ?? 3000);
const SEED = Number(process.env.FUZZED_SEED ?? 20261127);
const AT_ONCE = 16;
const ENVIRONMENT = {
  RATE_LIMIT_USER_PER_MINUTE: '1000000',
  RATE_LIMIT_INTERNAL_PER_MINUTE: '1000000',
  RECONCILE_INTERVAL_SECONDS: '0',
};

type Malformed = {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: string | Buffer;
  /** The expected status. If omitted, any 4xx will do. */
  status?: number;
};

let server: OwnServer;
let customer: Customer;
let installationId: number;
let authorization: string;

test.beforeAll(async () => {
  server = await startOwnServer(ENVIRONMENT);
  customer = await createCustomer(server.services.env);
  installationId = await connectedCustomer(server, customer, 'olivia', 'acme');
  const secret = server.services.env.NEXTAUTH_SECRET ?? '';
  authorization = `Bearer ${await encode({ token: { sub: customer.ownerId }, secret })}`;
});
test.afterAll(() => server?.close());

const random = new SeededRandom(SEED);
/** Returns a random integer, at least `from` and below `to`. */
const randomInt = (from: number, to: number) => from + Math.floor(random.next() * (to - from));
const oneOf = <T>(choices: readonly T[]): T => {
  const chosen = choices[randomInt(0, choices.length)];
  if (chosen === undefined) throw new Error('nothing to choose from');
  return chosen;
};
const bytes = (length: number) => Buffer.from(Array.from({ length }, () => randomInt(0, 256)));

/** Returns a value that no field accepts, because of its type, range, content or length. */
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
    () => JSON.parse('{"__proto__":{"admin":true},"constructor":1}'),
    () => [[[[]]]],
    () => Array.from({ length: randomInt(1, 600) }, () => 'x'),
  ])();

/** Returns invalid JSON, arbitrary bytes, or valid JSON of the wrong shape. */
function malformedJson(field: string, others: object = {}): string | Buffer {
  const json = JSON.stringify({ ...others, [oneOf([field, 'unknown_field'])]: wrong() });
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
const NOBODYS_ID = '00000000-0000-4000-8000-000000000000';

/** Returns a payload that would end the connection if the app believed it. */
const uninstall = () => ({
  action: 'deleted',
  installation: { id: installationId, account: { id: 30001, login: 'acme' } },
});

/** Returns a delivery with no signature, a wrong one, or one made with another secret. */
function unsignedDelivery(): Malformed {
  const { headers, body } = server.services.github.signDelivery('installation', uninstall());
  const signature = oneOf([
    '',
    'sha256=',
    `sha256=${'0'.repeat(64)}`,
    `sha1=${'0'.repeat(40)}`,
    `sha256=${bytes(32).toString('hex')}`,
    bytes(40).toString('base64'),
  ]);
  const wronglySigned = { ...headers, 'X-Hub-Signature-256': signature };
  return {
    method: 'POST',
    path: WEBHOOK,
    headers: wronglySigned,
    body: oneOf([body, bytes(200)]),
    status: 401,
  };
}

/** Events that have an effect, each with the part of its payload that causes the effect. */
const EFFECTS = [
  ['installation', 'created', 'installation'],
  ['installation', 'deleted', 'installation'],
  ['installation', 'suspend', 'installation'],
  ['installation_repositories', 'added', 'repositories_removed'],
  ['installation_repositories', 'removed', 'repositories_removed'],
  ['repository', 'renamed', 'repository'],
  ['repository', 'deleted', 'repository'],
  ['repository', 'transferred', 'repository'],
] as const;

/**
 * Returns a correctly signed delivery with content that GitHub would never send. The app accepts it, but does nothing
 * or only schedules a sync.
 */
function signedDelivery(): Malformed {
  const { github } = server.services;
  const [event, action, part] = oneOf(EFFECTS);
  const { headers, body: json } = github.signDelivery(event, { action, [part]: wrong() });
  const body = oneOf<() => string | Buffer>([
    () => json,
    () => json.slice(0, -1),
    () => `${json}}`,
    () => bytes(randomInt(50, 400)),
    () => '['.repeat(randomInt(1, 5000)),
  ])();
  const signature = createHmac('sha256', github.app.webhookSecret).update(body).digest('hex');
  const signed = { ...headers, 'X-Hub-Signature-256': `sha256=${signature}` };
  return { method: 'POST', path: WEBHOOK, headers: signed, body, status: 202 };
}

/** Returns a correctly signed delivery that lacks a header present on all of GitHub's deliveries. */
function namelessDelivery(): Malformed {
  const { headers, body } = server.services.github.signDelivery('installation', uninstall());
  const name = oneOf(['X-GitHub-Delivery', 'X-GitHub-Event']);
  const { [name]: _, ...nameless } = headers;
  return { method: 'POST', path: WEBHOOK, headers: nameless, body, status: 400 };
}

function malformedCall(): Malformed {
  const key = { authorization: `Bearer ${customer.apiKey}` };
  const user = { authorization };
  const json = { 'content-type': 'application/json' };
  const workspace = `/api/v1/workspaces/${customer.slug}`;
  const query = `${oneOf(['cursor', 'limit', 'installation_id', 'from', 'ip', 'unknown'])}=${encodeURIComponent(
    oneOf(['-1', '1e9', 'x', '\u0000', '999999999999999999999', '%', '../..', "'--"]),
  )}`;
  const id = encodeURIComponent(oneOf(['x', '-1', '%00', '..', NOBODYS_ID, '9'.repeat(30)]));
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
      body: malformedJson(oneOf(['repositories', 'expires_in']), { name: 'fuzzed' }),
    }),
    () => ({ method: 'GET', path: `${workspace}/audit-events?${query}`, headers: user }),
    () => ({ method: 'GET', path: `${workspace}/github/repositories?${query}`, headers: user }),
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

const KINDS = [
  unsignedDelivery,
  signedDelivery,
  namelessDelivery,
  malformedCall,
  malformedCall,
  malformedCall,
];

/** Body of a token request made by a sync, which can happen at any time. */
const OF_A_SYNC = JSON.stringify({ permissions: { metadata: 'read' } });

async function statusOf({ method, path, headers, body }: Malformed): Promise<number> {
  const response = await fetch(`${server.app.url}${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : new Uint8Array(body) }),
  });
  await response.arrayBuffer();
  return response.status;
}

test('every malformed request is refused, and the server works as before', async () => {
  test.setTimeout(600_000 + REQUESTS * 100);
  console.info(`fuzzed requests: FUZZED_SEED=${SEED}`);
  const { github } = server.services;
  github.requests.clear();
  const odd: string[] = [];
  for (let sent = 0; sent < REQUESTS; sent += AT_ONCE) {
    const requests = Array.from({ length: AT_ONCE }, () => oneOf(KINDS)());
    const statuses = await Promise.all(requests.map(statusOf));
    for (const [index, status] of statuses.entries()) {
      const request = requests[index];
      // A 429 would be wrong too: the limits are raised for this test, so no request should exceed them.
      const isRefused =
        request?.status === undefined ? status >= 400 && status < 500 : status === request.status;
      if (!isRefused || status === 429)
        odd.push(
          `${status} ${request?.method} ${request?.path} ${String(request?.body ?? '').slice(0, 200)}`,
        );
    }
  }
  expect(odd).toEqual([]);
  // No malformed request made the app request a customer's token from GitHub, and the next valid request succeeds.
  const asked = github.requests.filter({ method: 'POST' });
  expect(asked.filter(({ body }) => JSON.stringify(body) !== OF_A_SYNC)).toEqual([]);
  const response = await fetch(`${server.app.url}/api/v1/internal/github/token`, {
    method: 'POST',
    headers: { authorization: `Bearer ${customer.apiKey}` },
  });
  expect(response.status).toBe(201);
});
