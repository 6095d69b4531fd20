import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@playwright/test';
import { encode } from 'next-auth/jwt';
import { hashToken } from 'offline-github';
import { startTestIssuer, type TestIssuer } from '../../lib/workload/test-issuer';
import { findTraces } from '../../local/demo/traces';
import { admin } from '../fixtures';
import { connectedCustomer } from './connected-customer';
import { type Customer, createCustomer, mintInternal, type OwnServer, startOwnServer } from './own-server';

const RAISED = { RATE_LIMIT_USER_PER_MINUTE: '100000', RATE_LIMIT_INTERNAL_PER_MINUTE: '100000' };

let issuer: TestIssuer;
let server: OwnServer;
let customer: Customer;
let installationId: number;

test.beforeAll(async () => {
  issuer = await startTestIssuer('');
  server = await startOwnServer({ ...RAISED, WORKLOAD_ISSUERS: issuer.url });
  customer = await createCustomer(server.services.env);
  installationId = await connectedCustomer(server, customer, 'olivia', 'acme');
});
test.afterAll(() => Promise.all([server?.close(), issuer?.stop()]));

function jwt(sub: string, secret = server.services.env.NEXTAUTH_SECRET ?? ''): Promise<string> {
  return encode({ token: { sub }, secret });
}

function post(path: string, headers: Record<string, string>, body?: string): Promise<Response> {
  return fetch(`${server.app.url}${path}`, {
    method: 'POST',
    headers,
    ...(body === undefined ? {} : { body }),
  });
}

const tokenPath = (slug = customer.slug) => `/api/v1/workspaces/${slug}/github/token`;

/** Responses of a machine that is too slow for 200 mints within the time that one may wait for its turn. */
const WAITS_FOR_A_TURN = [
  'database_unavailable', // for a database connection
  'audit_unavailable', // the same, for the audit row
  'github_unavailable', // for a call to GitHub
];

/** Mints as a caller should: a 503 with `Retry-After` is tried again after that time. */
async function mintAsAdvised(): Promise<Awaited<ReturnType<typeof mintInternal>>> {
  const answer = await mintInternal(server.app.url, customer.apiKey);
  const seconds = Number(answer.headers.get('retry-after'));
  if (!WAITS_FOR_A_TURN.includes(answer.body.code ?? '') || seconds === 0) return answer;
  await sleep(seconds * 1000);
  return mintAsAdvised();
}

test('200 concurrent mints return 200 tokens, commit 200 rows in an intact chain and store no token', async () => {
  const answers = await Promise.all(Array.from({ length: 200 }, mintAsAdvised));
  expect(answers.map(({ status, body }) => body.code ?? status)).toEqual(Array(200).fill(201));
  const tokens = answers.map(({ body }) => body.token);
  expect(new Set(tokens).size).toBe(200);

  const log = await admin<{ ok: boolean }>(
    ['audit:verify', '--workspace', customer.slug],
    server.services.env,
  );
  expect(log.ok).toBe(true);
  const hashes = new Set<unknown>();
  for (let cursor = ''; ; ) {
    const response = await fetch(
      `${server.app.url}/api/v1/workspaces/${customer.slug}/audit-events?type=github.token_minted&limit=100${cursor}`,
      { headers: { authorization: `Bearer ${await jwt(customer.ownerId)}` } },
    );
    const page = await response.json();
    for (const { details } of page.data) hashes.add(details.hashed_token);
    if (page.next_cursor === null) break;
    cursor = `&cursor=${page.next_cursor}`;
  }
  for (const token of tokens) expect(hashes.has(hashToken(token))).toBe(true);
  const { services, app } = server;
  expect(await findTraces([...tokens, customer.apiKey], services, app, [])).toEqual([]);
  expect(await findTraces([...tokens.slice(0, 3), customer.apiKey], services, app)).toEqual([]);
});

test('a mint is served without Next, with the headers that Next would send', async () => {
  const constant = async (query: string) => {
    const { status, headers } = await post(
      `/api/v1/internal/github/token${query}`,
      { authorization: `Bearer ${customer.apiKey}`, 'content-type': 'application/json' },
      '{}',
    );
    expect(status).toBe(201);
    const { date: _, ratelimit, 'x-request-id': id, ...others } = Object.fromEntries(headers);
    expect([ratelimit, id]).toEqual([expect.any(String), expect.any(String)]);
    return others;
  };
  // Next serves the same route if its target has a query string. It compresses, and says what a response varies by.
  const next = await constant('?by=next');
  const { 'transfer-encoding': chunked, 'content-encoding': _, vary: __, ...byNext } = next;
  const { 'content-length': length, ...byUs } = await constant('');
  expect([chunked, Number(length) > 0]).toEqual(['chunked', true]);
  expect(byUs).toEqual(byNext);
});

test('an identity token mints once without Next, for the workspace that it names, and is stored nowhere', async () => {
  const { app, services } = server;
  const rule = { name: 'ci', issuer: issuer.url, subject: 'repo:acme/api:ref:refs/heads/main' };
  const options = Object.entries(rule).flatMap(([name, value]) => [`--${name}`, value]);
  await admin(['trust-rule:create', '--workspace', customer.slug, ...options], services.env);
  const token = await issuer.signGitHubActions({ repository: 'acme/api' }, { aud: services.appUrl });
  const mintFor = (slug: string) => mintInternal(app.url, token, { headers: { 'x-workspace': slug } });
  expect((await mintFor('no-such-workspace')).status).toBe(401);
  const minted = await mintFor(customer.slug);
  expect(minted.status).toBe(201);
  expect((await mintFor(customer.slug)).status).toBe(401);
  const revoked = await post(
    '/api/v1/internal/github/token/revoke',
    { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'x-workspace': customer.slug },
    JSON.stringify({ token: minted.body.token }),
  );
  expect(revoked.status).toBe(204);
  expect(await findTraces([token, minted.body.token], services, app, [])).toEqual([]);
});

/**
 * Returns the path of every page, derived from the files in `app`. `parameters` gives the values for segments such as
 * `[id]`, by their name or by the folder and their name.
 */
async function allPages(parameters: Record<string, string>): Promise<string[]> {
  const files = await readdir('app', { recursive: true });
  return files
    .filter((file) => path.basename(file) === 'page.tsx')
    .map((file) =>
      `/${path.dirname(file)}`
        .replaceAll(/\/\([^)]+\)/g, '')
        .replaceAll(/\[([^\]]+)\]/g, (_, name) => {
          const folder = path.basename(path.dirname(path.dirname(file)));
          const value = parameters[`${folder}/${name}`] ?? parameters[name];
          if (value === undefined) throw new Error(`what is ${name} of ${file}?`);
          return value;
        })
        .replace(/\/\.$/, '/'),
    );
}

test('no page, and nothing that is sent for a page, contains a token after mints (C09)', async () => {
  const minted = await mintInternal(server.app.url, customer.apiKey, {
    body: { repositories: ['acme/api'] },
  });
  expect(minted.status).toBe(201);
  const cookie = `next-auth.session-token=${await jwt(customer.ownerId)}`;
  const origin = server.services.appUrl;
  expect((await post(tokenPath(), { cookie, origin })).status).toBe(201);
  const pages = await allPages({
    workspace: customer.slug,
    'api-keys/id': customer.apiKeyId,
    'trust-rules/id': '00000000-0000-4000-8000-000000000000',
    'repositories/id': String(minted.body.repositories?.[0]?.id),
    'github/id': String(installationId),
    'members/id': customer.ownerId,
    'docs/name': 'threat-model',
    '...rest': 'no/such/page',
  });
  const objects = pages.filter((page) =>
    /^\/w\/.*\/(?:api-keys|repositories|github|members)\/[\w-]+$/.test(page),
  );
  expect(objects).toHaveLength(5);
  expect(pages).toEqual(expect.arrayContaining([...objects, `/w/${customer.slug}/audit-log`]));
  // The HTML contains React's payload, so this check covers everything sent to the browser.
  for (const page of [...pages, `/w/${customer.slug}/audit-log?type=github.token_minted`]) {
    const response = await fetch(`${server.app.url}${page}`, { headers: { cookie }, redirect: 'manual' });
    const text = await response.text();
    if (objects.includes(page) || page.includes('/audit-log'))
      expect([page, response.status]).toEqual([page, 200]);
    expect([page, response.status < 500, /gh[oprsu]_[A-Za-z0-9._-]{20,}/.test(text)]).toEqual([
      page,
      true,
      false,
    ]);
  }
});

test('a user can mint with a bearer token or the cookie, and the bearer token takes precedence', async () => {
  const good = await jwt(customer.ownerId);
  const origin = server.services.appUrl;
  const cookie = `next-auth.session-token=${good}`;
  expect((await post(tokenPath(), { authorization: `Bearer ${good}` })).status).toBe(201);
  expect((await post(tokenPath(), { cookie, origin })).status).toBe(201);
  // Browsers send an `Origin` header along with the cookie. A program such as curl sends none, and is accepted.
  expect((await post(tokenPath(), { cookie })).status).toBe(201);
  expect((await post(tokenPath(), { cookie, origin: 'https://evil.test' })).status).toBe(403);
  expect((await post(tokenPath(), { cookie, 'sec-fetch-site': 'cross-site' })).status).toBe(403);
  expect((await post(tokenPath(), { cookie, origin, authorization: 'Bearer nonsense' })).status).toBe(401);
  expect((await post(tokenPath(), {})).status).toBe(401);
});

test('a user outside the workspace is refused a token with the same response as for a missing workspace', async () => {
  const stranger = await createCustomer(server.services.env);
  const authorization = `Bearer ${await jwt(stranger.ownerId)}`;
  const strip = async (response: Response) => {
    const { request_id: _, ...body } = await response.json();
    return { status: response.status, body };
  };
  const theirs = await strip(await post(tokenPath(), { authorization }));
  const nobodys = await strip(await post(tokenPath('no-such-workspace'), { authorization }));
  expect(theirs).toEqual(nobodys);
  expect(theirs.status).toBe(404);
});

test('a forged, foreign or ownerless user token is refused', async () => {
  for (const token of [
    await jwt(customer.ownerId, 'another secret that is at least 32 bytes'),
    await jwt('00000000-0000-4000-8000-000000000000'),
    await jwt("' OR 1=1 --"),
    'eyJhbGciOiJub25lIn0.e30.',
  ])
    expect((await post(tokenPath(), { authorization: `Bearer ${token}` })).status).toBe(401);
});

test('an API key with a typo or with another environment’s prefix is refused', async () => {
  const { apiKey } = customer;
  const foreign = await mintInternal(server.app.url, apiKey.replace('psk_demo_', 'psk_live_'));
  expect(foreign.status).toBe(401);
  expect(foreign.body.detail).toMatch(/environment/);
  const last = apiKey.at(-1) === 'a' ? 'b' : 'a';
  for (const key of [
    `${apiKey.slice(0, -1)}${last}`,
    apiKey.slice(0, -1),
    `${apiKey}0`,
    apiKey.toUpperCase(),
  ])
    expect((await mintInternal(server.app.url, key)).status).toBe(401);
});

test('an invalid request is refused with an explanation, never with a stack trace', async () => {
  const authorization = `Bearer ${customer.apiKey}`;
  const path = '/api/v1/internal/github/token';
  const json = 'application/json';
  const cases: [number, Record<string, string>, string?][] = [
    [201, { authorization }],
    [201, { authorization, 'content-type': `${json}; charset=utf-8` }, '{}'],
    [400, { authorization, 'content-type': json }, '{'],
    [400, { authorization, 'content-type': json }, '[]'],
    [400, { authorization, 'content-type': json }, '{"repos":["acme/api"]}'],
    [400, { authorization, 'content-type': json }, '{"repositories":[]}'],
    [400, { authorization, 'content-type': json }, '{"repositories":["not a name"]}'],
    [400, { authorization, 'content-type': json }, '{"installation_id":"1"}'],
    [404, { authorization, 'content-type': json }, '{"installation_id":1}'],
    [422, { authorization, 'content-type': json }, '{"repositories":["acme/infra"]}'],
    [415, { authorization, 'content-type': 'text/plain' }, '{}'],
    [413, { authorization, 'content-type': json }, JSON.stringify({ repositories: ['x'.repeat(300_000)] })],
  ];
  for (const [status, headers, body] of cases) {
    const response = await post(path, headers, body);
    expect([status, body?.slice(0, 60), response.status]).toEqual([status, body?.slice(0, 60), status]);
    expect(response.headers.get('cache-control')).toBe('no-store');
    if (status === 201) continue;
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    const text = await response.text();
    expect(text).not.toMatch(/at .*\(.*:\d+|SELECT|ghs_|psk_/);
    expect(JSON.parse(text)).toMatchObject({ status, request_id: response.headers.get('x-request-id') });
  }
  const unknown = await post('/api/v1/nothing/here', {});
  expect([unknown.status, unknown.headers.get('content-type')]).toEqual([404, 'application/problem+json']);
});

test('the API lists the repositories that the workspace shares', async () => {
  const headers = { authorization: `Bearer ${await jwt(customer.ownerId)}` };
  const get = async (path: string) =>
    (await fetch(`${server.app.url}/api/v1/workspaces/${customer.slug}/${path}`, { headers })).json();
  const { data: installations, next_cursor } = await get('github/installations');
  expect(next_cursor).toBeNull();
  expect(installations).toEqual([
    expect.objectContaining({
      id: installationId,
      status: 'active',
      repository_selection: 'selected',
      repository_count: 2,
    }),
  ]);
  const first = await get('github/repositories?limit=1');
  const second = await get(`github/repositories?limit=1&cursor=${first.next_cursor}`);
  expect([...first.data, ...second.data].map(({ full_name }) => full_name)).toEqual(['acme/api', 'acme/web']);
  expect(second.next_cursor).toBeNull();
  expect((await get('github/repositories?q=WEB')).data).toHaveLength(1);
});
