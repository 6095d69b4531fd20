import * as conventions from '@opentelemetry/semantic-conventions/incubating';
import { expect, test } from '@playwright/test';
import pg from 'pg';
import { redact } from '../../lib/observability/redact';
import { HttpBrowser } from '../../local/clients/http-browser';
import {
  type CollectedSpan,
  type OtlpCollector,
  startOtlpCollector,
} from '../../local/services/otlp-collector';
import { connectedCustomer } from './connected-customer';
import { type Customer, createCustomer, mintInternal, type OwnServer, startOwnServer } from './own-server';

const MINT = 'POST /app/installations/{installation_id}/access_tokens';
const MINT_ROUTE = '/api/v1/internal/github/token';
const CALLER = { traceId: 'c'.repeat(32), spanId: 'd'.repeat(16) };
const EMAIL = 'traced@acme.test';

let collector: OtlpCollector;
let server: OwnServer;
let customer: Customer;
let requestIds: { minted: string; failed: string };
const secrets: string[] = [];

/** Does one of each kind of work, then stops the app, which sends the last spans. */
test.beforeAll(async () => {
  collector = await startOtlpCollector();
  server = await startOwnServer({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, LOG_LEVEL: 'info' });
  const { services, app } = server;
  customer = await createCustomer(services.env);
  await connectedCustomer(server, customer, 'olivia', 'acme');
  secrets.push(customer.apiKey, ...(await signIn(app.url)));

  const headers = { traceparent: `00-${CALLER.traceId}-${CALLER.spanId}-00`, baggage: 'from=caller' };
  const minted = await mintInternal(app.url, customer.apiKey, { headers });
  expect(minted.status).toBe(201);
  secrets.push(minted.body.token);
  await services.github.knobs.failNext(MINT, { kind: 'status', status: 502 }, 1);
  const failed = await mintInternal(app.url, customer.apiKey, { headers });
  expect(failed.status).toBeGreaterThanOrEqual(500);
  requestIds = {
    minted: minted.headers.get('x-request-id') ?? '',
    failed: (failed.body as unknown as { request_id: string }).request_id,
  };
  // A caller's mistake: a credential in the path.
  await fetch(`${app.url}/api/v1/${customer.apiKey}?code=${customer.apiKey}`);
  await app.stop();
});
test.afterAll(async () => {
  await server?.close();
  await collector?.close();
});

/** Signs in by HTTP. Returns what may stand in no trace. */
async function signIn(url: string): Promise<string[]> {
  const browser = new HttpBrowser();
  await browser.open(`${url}/api/auth/csrf`);
  const { csrfToken } = JSON.parse(browser.html);
  await browser.open(`${url}/api/auth/callback/dev-login`, {
    method: 'POST',
    headers: { origin: url },
    body: new URLSearchParams({ csrfToken, email: EMAIL, json: 'true' }),
  });
  const cookies = browser.cookieHeader(new URL(url).origin);
  expect(cookies).toContain('session-token=');
  return [csrfToken, ...cookies.split('; ').map((cookie) => cookie.replace(/^[^=]*=/, ''))];
}

function spanOfRequest(id: string): CollectedSpan {
  const [span] = collector
    .spans()
    .filter(({ kind, attributes }) => kind === 2 && attributes['pulsestream.request_id'] === id);
  if (span === undefined) throw new Error(`no span for the request ${id}`);
  return span;
}

const childrenOf = ({ traceId, spanId }: CollectedSpan) =>
  collector.spans().filter((span) => span.traceId === traceId && span.parentSpanId === spanId);

test('a mint is one trace through HTTP, Redis, the database and GitHub', () => {
  const mint = spanOfRequest(requestIds.minted);
  expect(mint).toMatchObject({ name: `POST ${MINT_ROUTE}`, scope: 'pulsestream' });
  expect(mint.attributes).toMatchObject({
    'http.request.method': 'POST',
    'http.route': MINT_ROUTE,
    'http.response.status_code': 201,
    'url.path': MINT_ROUTE,
    'url.scheme': 'http',
  });
  const children = childrenOf(mint);
  const systems = children.map(({ attributes }) => attributes['db.system.name']);
  expect([systems.includes('postgresql'), systems.includes('redis')]).toEqual([true, true]);
  const github = children.find(({ name }) => name === MINT);
  expect(github).toMatchObject({ kind: 3 });
  expect(github?.attributes).toMatchObject({
    'http.request.method': 'POST',
    'http.response.status_code': 201,
    'url.template': '/app/installations/{installation_id}/access_tokens',
    'server.address': new URL(server.services.env.GITHUB_API_URL ?? '').hostname,
  });
});

test('a caller’s trace context is linked, and never decides about a trace', () => {
  const mint = spanOfRequest(requestIds.minted);
  expect(mint.links).toMatchObject([CALLER]);
  expect(mint.parentSpanId ?? '').toBe('');
  expect(collector.spans().map(({ traceId }) => traceId)).not.toContain(CALLER.traceId);
  const outgoing = server.services.github.requests.filter({}).map((request) => JSON.stringify(request));
  expect(outgoing.filter((request) => /traceparent|from=caller/.test(request))).toEqual([]);
});

test('the request id of a response leads to its trace, its log lines and its audit row', async () => {
  const span = spanOfRequest(requestIds.failed);
  expect(span.status.code).toBe(2);
  const lines = server.app
    .log()
    .split('\n')
    .filter((line) => line.includes(requestIds.failed))
    .map((line) => JSON.parse(line));
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines)
    expect(line).toMatchObject({ requestId: requestIds.failed, trace_id: span.traceId });
  const database = new pg.Client(server.services.database.ownerUrl);
  await database.connect();
  try {
    const { rows } = await database.query('SELECT type FROM audit_events WHERE request_id = $1', [
      requestIds.failed,
    ]);
    expect(rows).toEqual([{ type: 'github.token_denied' }]);
  } finally {
    await database.end();
  }
});

test('no trace holds a credential, an address, a query string or a value of a statement', () => {
  const text = collector.text();
  const { env } = server.services;
  for (const [name, value] of Object.entries(env))
    if (/SECRET|TOKEN|PRIVATE_KEY/.test(name) && !/URL|FILE/.test(name)) secrets.push(value);
  for (const name of ['DATABASE_URL', 'REDIS_URL'])
    if (env[name] !== undefined) secrets.push(new URL(env[name]).password);
  for (const secret of [...secrets, EMAIL, 'olivia'].filter((value) => value.length > 3))
    expect([secret, text.includes(secret)]).toEqual([secret, false]);
  expect(redact(text)).toBe(text);
  const spans = collector.spans();
  expect(spans.length).toBeGreaterThan(30);
  for (const { attributes } of spans)
    for (const name of ['url.full', 'url.path']) expect(attributes[name] ?? '').not.toContain('?');
});

test('every attribute is one of OpenTelemetry’s, and no other tracer exports spans', () => {
  const known = new Set<unknown>(Object.values(conventions));
  const spans = collector.spans();
  const used = new Set(spans.flatMap(({ attributes }) => Object.keys(attributes)));
  expect([...used].filter((name) => !known.has(name))).toEqual(['pulsestream.request_id']);
  expect(new Set(spans.map(({ scope }) => scope))).toEqual(new Set(['pulsestream']));
});
