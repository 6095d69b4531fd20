/**
 * Sends malformed webhook and API requests (F8). None may have any effect but a sync, and the server must never respond
 * with 5xx. Each run sends the same few thousand requests. To generate others, set `FUZZED_SEED=…`; to set their
 * number, `FUZZED_REQUESTS=…`, such as 100000.
 */
import { expect, test } from '@playwright/test';
import { encode } from 'next-auth/jwt';
import { connectedCustomer } from './connected-customer';
import { type Malformed, malformedRequests } from './malformed-requests';
import { type Customer, createCustomer, type OwnServer, startOwnServer } from './own-server';

const REQUESTS = Number(process.env.FUZZED_REQUESTS ?? 3000);
const SEED = Number(process.env.FUZZED_SEED ?? 20261127);
const AT_ONCE = 16;
const ENVIRONMENT = {
  RATE_LIMIT_USER_PER_MINUTE: '1000000',
  RATE_LIMIT_INTERNAL_PER_MINUTE: '1000000',
  RECONCILE_INTERVAL_SECONDS: '0',
};

let server: OwnServer;
let customer: Customer;
let nextRequest: () => Malformed;

test.beforeAll(async () => {
  server = await startOwnServer(ENVIRONMENT);
  customer = await createCustomer(server.services.env);
  const installationId = await connectedCustomer(server, customer, 'olivia', 'acme');
  const secret = server.services.env.NEXTAUTH_SECRET ?? '';
  const authorization = `Bearer ${await encode({ token: { sub: customer.ownerId }, secret })}`;
  const { app } = server.services.github;
  nextRequest = malformedRequests({ ...customer, seed: SEED, app, authorization, installationId });
});
test.afterAll(() => server?.close());

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
    const requests = Array.from({ length: AT_ONCE }, nextRequest);
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
