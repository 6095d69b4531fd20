/** Sends malformed requests to the production server. The server must never respond with 5xx or log an error. */
import { readdir } from 'node:fs/promises';
import { expect, test } from '@playwright/test';
import { createCustomer, mintInternal, type OwnServer, startOwnServer } from './own-server';
import { request, sendBytes } from './raw-request';

let server: OwnServer;
test.beforeAll(async () => {
  server = await startOwnServer({ RATE_LIMIT_USER_PER_MINUTE: '100000' });
});
test.afterAll(() => server?.close());

const NEVER_500 = /^HTTP\/1\.1 [1-4]\d\d /;

/** Sends each request. Expects a request id in every response, no 5xx and no logged errors. */
async function refused(requests: Record<string, string>, status: RegExp = NEVER_500): Promise<void> {
  const before = server.app.log().length;
  for (const [name, bytes] of Object.entries(requests)) {
    const answer = await sendBytes(server.app.url, bytes);
    expect([name, answer]).toEqual([name, expect.stringMatching(status)]);
    expect([name, answer.toLowerCase()]).toEqual([
      name,
      expect.stringMatching(/x-request-id: [0-9a-f-]{36}/),
    ]);
  }
  expect(errorsSince(before)).toEqual([]);
}

/** The limiter's error if Redis takes longer than 200 ms. On a busy machine it may, whatever a client sends. */
const REDIS_IS_SLOW = 'rate limits are counted in this process';

/** Returns the errors that the app has logged after the first `length` characters of its log. */
const errorsSince = (length: number): string[] =>
  server.app
    .log()
    .slice(length)
    .split('\n')
    .filter((line) => line.includes('"level":"error"') && !line.includes(REDIS_IS_SLOW));

test('a request target that is not a path or not valid text is refused', async () => {
  const targets = [
    '*',
    '/w/%ff/audit-log',
    '/w/%E0%A4%A/x',
    '/docs/%',
    '/api/v1/workspaces/%ff/members',
    '/api/auth/%c0',
  ];
  await refused(
    Object.fromEntries(targets.map((target) => [target, request(`GET ${target} HTTP/1.1`)])),
    /^HTTP\/1\.1 400 /,
  );
  await refused({ 'OPTIONS *': request('OPTIONS * HTTP/1.1') }, /^HTTP\/1\.1 200 /);
});

test('an absolute target is served by its path, and an upgrade request as an ordinary one', async () => {
  const requests = {
    absolute: request('GET http://localhost/api/health/live HTTP/1.1'),
    'of another host': request('GET http://evil.test/api/health/live HTTP/1.1'),
    upgrade: request('GET /api/health/live HTTP/1.1', ['Upgrade: websocket', 'Sec-WebSocket-Key: x']),
    h2c: request('GET /api/health/live HTTP/1.1', ['Upgrade: h2c', 'HTTP2-Settings: x']),
  };
  const upgrading = (bytes: string) =>
    bytes.includes('Upgrade:') ? bytes.replace('Connection: close', 'Connection: close, Upgrade') : bytes;
  await refused(
    Object.fromEntries(Object.entries(requests).map(([name, bytes]) => [name, upgrading(bytes)])),
    /^HTTP\/1\.1 200 /,
  );
});

test('a static file can only be read, and only whole', async () => {
  const chunk = (await readdir('.next/static/chunks')).find((name) => name.endsWith('.js'));
  const files = ['/favicon.svg', '/favicon.ico', `/_next/static/chunks/${chunk}`];
  for (const file of files) {
    const methods = ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
    await refused(
      Object.fromEntries(
        methods.map((method) => [`${method} ${file}`, request(`${method} ${file} HTTP/1.1`)]),
      ),
      /^HTTP\/1\.1 405 /,
    );
    const conditions = [
      'Range: bytes=99999999-',
      'Range: bytes=1-0',
      'If-Match: "x"',
      'If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT',
    ];
    await refused(
      Object.fromEntries(
        conditions.map((header) => [`${header} ${file}`, request(`GET ${file} HTTP/1.1`, [header])]),
      ),
      /^HTTP\/1\.1 200 /,
    );
  }
});

const PAGES = ['/', '/sign-in', '/trust', '/nowhere'];
const field = (name: string, value = '') =>
  `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
const FORMS = [
  '',
  'garbage',
  '--x',
  field('a'),
  `${field('$ACTION_REF_1')}--x--\r\n`,
  `${field('$ACTION_REF_1')}${field('$ACTION_1:0', '{')}--x--\r\n`,
  `${field('$ACTION_KEY', 'k')}--x--\r\n`,
];

test('a form that cannot be read is the sender’s fault', async () => {
  for (const page of PAGES) {
    const post = (body: string, ...headers: string[]) =>
      request(`POST ${page} HTTP/1.1`, [...headers, `Content-Length: ${body.length}`], body);
    await refused(
      Object.fromEntries([
        ...FORMS.map((body) => [
          `${page} ${body}`,
          post(body, 'Content-Type: multipart/form-data; boundary=x'),
        ]),
        [`${page} without a boundary`, post('x', 'Content-Type: multipart/form-data')],
      ]),
      /^HTTP\/1\.1 400 /,
    );
  }
});

test('arguments of an action that cannot be read are the sender’s fault', async () => {
  const page = await (await fetch(`${server.app.url}/trust`)).text();
  const action = /\$ACTION_ID_([0-9a-f]{42})/.exec(page)?.[1] ?? '';
  expect(action).not.toBe('');
  const requests = ['garbage', '', '{}', '[]', '[null]', '["__proto__"]'].map((body) => [
    body,
    request(
      'POST /trust HTTP/1.1',
      [`Next-Action: ${action}`, 'Content-Type: text/plain', `Content-Length: ${body.length}`],
      body,
    ),
  ]);
  await refused(Object.fromEntries(requests));
});

test('an address that next-auth cannot read is the sender’s fault', async () => {
  const targets = [
    ...['javascript:alert(1)', 'x', '%00', '%ff', 'http://%20'].flatMap((url) =>
      ['csrf', 'session', 'signin', 'error', 'x'].map((path) => `/api/auth/${path}?callbackUrl=${url}`),
    ),
    '/api/auth/callback/dev-login',
  ];
  await refused(
    Object.fromEntries(targets.map((target) => [target, request(`GET ${target} HTTP/1.1`)])),
    /^HTTP\/1\.1 400 /,
  );
});

/** Returns the number of responses to `POST` of this route, by status. */
async function countByStatus(route: string): Promise<Record<string, number>> {
  const authorization = `Bearer ${server.services.env.METRICS_TOKEN}`;
  const response = await fetch(`${server.app.url}/api/metrics`, { headers: { authorization } });
  const counts = (await response.text()).matchAll(
    /^pulsestream_http_requests_total\{route="(.+)",method="POST",status="(\d+)"\} (\d+)$/gm,
  );
  const ofRoute = [...counts].filter(([, counted]) => counted === route);
  return Object.fromEntries(ofRoute.map(([, , status = '', count]) => [status, Number(count)]));
}

test('a body that breaks off is the sender’s fault, with and without Next', async () => {
  const { apiKey } = await createCustomer(server.services.env);
  // Next serves a route's first request itself (lib/http/direct.ts).
  await mintInternal(server.app.url, apiKey);
  const ofKey = `Authorization: Bearer ${apiKey}`;
  const mint = '/api/v1/internal/github/token';
  const targets: [string, string, string][] = [
    [mint, mint, ofKey],
    // Next serves the same route if its target has a query string.
    [`${mint}?by=next`, mint, ofKey],
    ['/api/github/webhooks', '/api/github/webhooks', `X-Hub-Signature-256: sha256=${'0'.repeat(64)}`],
  ];
  const BROKEN = [
    ['Content-Length: 10', '{"a'],
    ['Transfer-Encoding: chunked', '5\r\n{"a'],
    ['Transfer-Encoding: chunked', '3\r\n{"a\r\nnot a length\r\n'],
  ] as const;
  const before = server.app.log().length;
  for (const [target, route, credential] of targets)
    for (const [length, body] of BROKEN) {
      const { 400: refused = 0, ...others } = await countByStatus(route);
      const headers = [credential, 'Content-Type: application/json', length];
      await sendBytes(server.app.url, request(`POST ${target} HTTP/1.1`, headers, body), 'end');
      await expect.poll(() => countByStatus(route), target).toEqual({ ...others, 400: refused + 1 });
    }
  expect(errorsSince(before)).toEqual([]);
});
