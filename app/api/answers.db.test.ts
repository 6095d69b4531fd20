/**
 * Compares responses with the OpenAPI document: the headers and body for every status that is easy to provoke. Calls
 * the routes in this process, with the offline GitHub.
 */
import path from 'node:path';
import { NextRequest } from 'next/server';
import { encode } from 'next-auth/jwt';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { createApiKey } from '@/lib/api-keys/manage';
import { makeWorkspace, TEST_ISSUER, TEST_ORIGIN } from '@/lib/auth/test-fixtures';
import { getConfig } from '@/lib/config';
import { forgetGitHub } from '@/lib/github/client';
import { drain, forgetDrain } from '@/lib/server/drain';
import { connectedScene, type Scene } from '@/lib/testing/test-scene';
import { startTestWorld } from '@/lib/testing/test-world';
import { describeApi } from './routes';

const CRON_SECRET = 'the cron secret';
const METRICS_TOKEN = 'the metrics token';
// Redis isn't running, so this process enforces the limits itself, and readiness reports the failure.
const world = await startTestWorld({ CRON_SECRET, METRICS_TOKEN, WORKLOAD_ISSUERS: TEST_ISSUER });
const { github } = world;
const document = describeApi();

const W = '/api/v1/workspaces/{workspace}';
const MINT = '/api/v1/internal/github/token';
const MINT_AT_GITHUB = 'POST /app/installations/{installation_id}/access_tokens';

type Method = 'get' | 'post' | 'patch' | 'delete';
type Call = {
  params?: Record<string, string>;
  query?: string;
  headers?: Record<string, string>;
  body?: unknown;
};
type Handler = (request: NextRequest, next: { params: Promise<Record<string, string>> }) => Promise<Response>;

let scene: Scene;
let key: { id: string; authorization: string };
let user: { authorization: string };
let clients = 0;

async function makeKey(workspaceId: string, actor: Scene['actor']) {
  const created = await createApiKey({ workspaceId, actor, origin: TEST_ORIGIN }, { name: 'engine' });
  return { id: created.id, authorization: `Bearer ${created.key}` };
}

beforeAll(async () => {
  scene = await connectedScene(world, { account: 'acme', by: 'olivia' });
  key = await makeKey(scene.workspaceId, scene.actor);
  const jwt = await encode({ token: { sub: scene.actor.id }, secret: getConfig().auth.secret });
  user = { authorization: `Bearer ${jwt}` };
});
beforeEach(() => {
  github.knobs.reset();
  forgetGitHub();
});

async function send(method: Method, template: string, call: Call): Promise<Response> {
  const folder = template.slice('/api/'.length).replace(/\{(\w+)\}/g, '[$1]');
  const module: Record<string, Handler> = await import(
    /* @vite-ignore */ path.join(import.meta.dirname, folder, 'route.ts')
  );
  const handler = module[method.toUpperCase()];
  if (handler === undefined) throw new Error(`no ${method} ${template}`);
  const { params = {}, query = '', headers = {}, body } = call;
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const request = new NextRequest(`http://localhost:3000${template}${query}`, {
    method: method.toUpperCase(),
    headers: {
      // Use a separate client address for each request, so rate limits don't interfere.
      'x-forwarded-for': `10.0.${clients >> 8}.${clients++ & 255}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(text === undefined ? {} : { body: text }),
  });
  return handler(request, { params: Promise.resolve({ workspace: scene.slug, ...params }) });
}

/** Checks that a value matches a schema from the document. */
function read(schema: object, value: unknown): void {
  const whole = JSON.stringify({ ...schema, $defs: document.components.schemas });
  const parsed = z
    .fromJSONSchema(JSON.parse(whole.replaceAll('#/components/schemas/', '#/$defs/')))
    .safeParse(value);
  expect(parsed.error?.issues).toBeUndefined();
}

/** Sends a request, checks the status, and compares the response with the document's entry for that status. */
async function answered(status: number, method: Method, template: string, call: Call = {}): Promise<unknown> {
  const response = await send(method, template, call);
  const text = await response.text();
  expect([response.status, text]).toEqual([status, expect.any(String)]);
  const documented = document.paths[template]?.[method]?.responses[status];
  if (documented === undefined) throw new Error(`${method} ${template}: ${status} is not in the document`);
  for (const name of Object.keys(documented.headers))
    expect([...response.headers.keys()]).toContain(name.toLowerCase());
  const limited = [...response.headers.keys()].filter((name) => name.startsWith('ratelimit'));
  expect(limited).toHaveLength('RateLimit' in documented.headers ? 2 : 0);
  expect(response.headers.get('cache-control')).toBe('no-store');
  if (documented.content === undefined) {
    expect(text).toBe('');
    return undefined;
  }
  const type = response.headers.get('content-type')?.split(';')[0] ?? '';
  const content = documented.content[type];
  if (content === undefined) throw new Error(`${method} ${template}: ${type} is not in the document`);
  const value: unknown = /[/+]json$/.test(type) ? JSON.parse(text) : text;
  read(content.schema, value);
  return value;
}

it('describes a mint, with and without named repositories, for a service and for a member', async () => {
  await answered(201, 'post', MINT, { headers: key });
  const minted = await answered(201, 'post', MINT, { headers: key, body: { repositories: ['acme/api'] } });
  expect(minted).toHaveProperty('repositories');
  await answered(201, 'post', `${W}/github/token`, { headers: user });
  const { token } = minted as { token: string };
  await answered(204, 'post', `${MINT}/revoke`, { headers: key, body: { token } });
});

it('describes the lists, page by page, and the exports', async () => {
  for (const list of ['github/installations', 'api-keys', 'trust-rules', 'members', 'audit-events'])
    await answered(200, 'get', `${W}/${list}`, { headers: user });
  for (const query of ['', '?limit=1']) {
    await answered(200, 'get', `${W}/github/repositories`, { headers: user, query });
    await answered(200, 'get', '/api/v1/internal/github/repositories', { headers: key, query });
  }
  await answered(200, 'get', `${W}/audit-events/verify`, { headers: user });
  for (const format of ['csv', 'ndjson'])
    await answered(200, 'get', `${W}/audit-events`, { headers: user, query: `?format=${format}` });
});

it('describes the changes that an admin makes', async () => {
  const params = { id: String(scene.installationId) };
  await answered(200, 'post', `${W}/github/installations/{id}/sync`, { headers: user, params });
  const created = await answered(201, 'post', `${W}/api-keys`, { headers: user, body: { name: 'second' } });
  const { id } = created as { id: string };
  const networks = ['203.0.113.0/24', '2001:db8::/32'];
  await answered(200, 'patch', `${W}/api-keys/{id}`, { headers: user, params: { id }, body: { networks } });
  for (const api_keys_allowed of [false, true])
    await answered(200, 'patch', W, { headers: user, body: { api_keys_allowed } });
  await answered(200, 'get', W, { headers: user });
  await answered(201, 'post', `${W}/api-keys/{id}/rotate`, { headers: user, params: { id } });
  await answered(204, 'delete', `${W}/api-keys/{id}`, { headers: user, params: { id } });
  const rule = {
    name: 'ci',
    issuer: TEST_ISSUER,
    subject: 'engine',
    claims: { run: 1 },
    repositories: ['acme/api'],
  };
  const trusted = await answered(201, 'post', `${W}/trust-rules`, { headers: user, body: rule });
  const ofRule = { headers: user, params: { id: (trusted as { id: string }).id } };
  await answered(200, 'patch', `${W}/trust-rules/{id}`, { ...ofRule, body: { repositories: null } });
  await answered(400, 'patch', `${W}/trust-rules/{id}`, { ...ofRule, body: { subject: 'other' } });
  await answered(204, 'delete', `${W}/trust-rules/{id}`, ofRule);
  const invitation = { email: 'mia@x.test' };
  const invited = await answered(201, 'post', `${W}/members`, { headers: user, body: invitation });
  const member = { id: (invited as { id: string }).id };
  await answered(204, 'delete', `${W}/members/{id}`, { headers: user, params: member });
});

it('describes a problem of each status that a caller can cause', async () => {
  const { id: empty, people } = await makeWorkspace('admin');
  const [admin] = people;
  if (admin === undefined) throw new Error('no admin');
  const cookie = `next-auth.session-token=${user.authorization.slice('Bearer '.length)}`;
  const foreign = { cookie, origin: 'https://evil.example' };
  const text = { ...key, 'content-type': 'text/plain' };

  await answered(400, 'post', MINT, { headers: key, body: { unknown: 1 } });
  await answered(400, 'post', MINT, { headers: key, body: '{' });
  await answered(400, 'get', `${W}/audit-events`, { headers: user, query: '?limit=1&limit=2' });
  await answered(400, 'post', `${W}/github/installations/{id}/sync`, {
    headers: user,
    params: { id: String(scene.installationId) },
    body: { unknown: 1 },
  });
  await answered(401, 'post', MINT);
  await answered(403, 'post', `${W}/github/token`, { headers: foreign });
  await answered(404, 'get', `${W}/members`, { headers: user, params: { workspace: 'no-such' } });
  await answered(409, 'post', MINT, { headers: await makeKey(empty, admin) });
  await answered(413, 'post', MINT, { headers: key, body: { repositories: ['x'.repeat(300_000)] } });
  await answered(415, 'post', MINT, { headers: text, body: {} });
  await answered(422, 'post', MINT, { headers: key, body: { repositories: ['acme/none'] } });
  const oneClient = { ...key, 'x-forwarded-for': '192.0.2.44' };
  for (let n = 0; n < 30; n++) await send('post', MINT, { headers: { ...oneClient, authorization: '' } });
  await answered(429, 'post', MINT, { headers: oneClient });
});

it('describes the problems that GitHub can cause', async () => {
  github.knobs.failNext(MINT_AT_GITHUB, { kind: 'html', status: 200 });
  await answered(502, 'post', MINT, { headers: key });
  github.knobs.failNext(MINT_AT_GITHUB, { kind: 'status', status: 500 });
  await answered(503, 'post', MINT, { headers: key });
});

it('describes webhooks and the connect flow', async () => {
  const { headers, body } = github.signDelivery('ping', { zen: 'x' });
  await answered(202, 'post', '/api/github/webhooks', { headers, body: body.toString() });
  await answered(401, 'post', '/api/github/webhooks', { body: {} });
  const cookie = `next-auth.session-token=${user.authorization.slice('Bearer '.length)}`;
  const form = { cookie, 'content-type': 'application/x-www-form-urlencoded' };
  await answered(303, 'post', '/api/github/connect', { headers: form, body: `workspace=${scene.slug}` });
  await answered(303, 'get', '/api/github/setup', { headers: { cookie } });
});

it('describes the operator’s routes', async () => {
  const cron = { authorization: `Bearer ${CRON_SECRET}` };
  await answered(200, 'post', '/api/internal/reconcile', { headers: cron });
  await answered(400, 'post', '/api/internal/reconcile', { headers: cron, body: { unknown: 1 } });
  await answered(401, 'post', '/api/internal/reconcile', { body: { unknown: 1 } });
  await answered(200, 'get', '/api/metrics', { headers: { authorization: `Bearer ${METRICS_TOKEN}` } });
  await answered(200, 'get', '/api/health/live');
  expect(await answered(503, 'get', '/api/health/ready')).toMatchObject({
    status: 'unavailable',
    checks: { database: 'ok', redis: 'failed', key: 'ok' },
  });
  forgetDrain();
  await drain();
  expect(await answered(503, 'get', '/api/health/ready')).toMatchObject({ status: 'stopping' });
  forgetDrain();
  expect(await answered(200, 'get', '/api/v1/openapi.json')).toMatchObject({ openapi: '3.1.1' });
});
