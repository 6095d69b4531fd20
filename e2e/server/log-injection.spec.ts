/**
 * Sends unauthenticated requests to the production server. Every line of its output must be a JSON object written by
 * our log. None may contain a credential, or pass for an anchor of the audit chain.
 */
import { expect, test } from '@playwright/test';
import { type OwnServer, startOwnServer } from './own-server';
import { request, sendBytes } from './raw-request';

let server: OwnServer;
test.beforeAll(async () => {
  server = await startOwnServer({ RATE_LIMIT_USER_PER_MINUTE: '100000', LOG_LEVEL: 'trace' });
});
test.afterAll(() => server?.close());

const SECRET = `ghs_${'a1B2'.repeat(9)}`;
const FORGED = '{"level":"info","workspace_id":"x","seq":1,"head_hash":"forged","msg":"audit chain head"}';
/** Text for a URL, with several kinds of line breaks, a terminal escape and a bidirectional control character. */
const HOSTILE = ['%0A', '%0D%0A', '%E2%80%A8', '%C2%85', '%1B%5B2J', '%E2%80%AE']
  .map((character) => `${character}${encodeURIComponent(FORGED)}${character}${SECRET}`)
  .join('');

const sendRaw = (bytes: string) => sendBytes(server.app.url, bytes, 'end');

const PATHS = [
  '/',
  '/sign-in',
  '/trust',
  '/docs/api',
  '/w/acme/audit-log',
  '/api/health/live',
  '/api/v1/openapi.json',
];
const ODD_METHODS = ['TRACE', 'PROPFIND', 'QUERY', 'M-SEARCH', 'LINK', 'REPORT', 'LOCK', 'PURGE'];

test('the image optimizer is off, so its address is a 404 and nothing is logged', async () => {
  // The last line that a process logs by itself after its start.
  await expect.poll(() => server.app.log(), { timeout: 60_000 }).toContain('audit chain heads');
  const before = server.app.log();
  for (const query of [
    '',
    `?url=/x${HOSTILE}&w=64&q=75`,
    '?url=%2Ffavicon.svg&w=64&q=75',
    '?url=http://127.0.0.1&w=64&q=75',
  ])
    expect((await fetch(`${server.app.url}/_next/image${query}`)).status).toBe(404);
  expect(server.app.log()).toBe(before);
});

test('an unsupported method gets 405 at every address, with the usual response headers', async () => {
  for (const path of [
    ...PATHS,
    '/favicon.svg',
    '/_next/static/x.js',
    '/_next/image',
    '/api/github/webhooks',
    '/nowhere',
  ])
    for (const method of ODD_METHODS) {
      const answer = await sendRaw(request(`${method} ${path} HTTP/1.1`));
      // Some versions of Node don't support the QUERY method, and already reject it while parsing.
      const refused = method === 'QUERY' ? /^HTTP\/1\.1 40[05] / : /^HTTP\/1\.1 405 /;
      expect([method, path, answer]).toEqual([method, path, expect.stringMatching(refused)]);
      expect(answer.toLowerCase()).toMatch(/x-request-id: [0-9a-f-]{36}/);
      expect(answer.toLowerCase()).toContain('x-content-type-options: nosniff');
    }
});

test('malformed HTTP is rejected with a request id, and never with 500', async () => {
  const answers = {
    'CONNECT evil.test:443 HTTP/1.1': 405,
    'TRACK / HTTP/1.1': 400,
    'get / HTTP/1.1': 400,
    'GET /\u0000 HTTP/1.1': 400,
    'GET / HTTP/9.9': 400,
    GARBAGE: 400,
  };
  for (const [line, status] of Object.entries(answers)) {
    const answer = await sendRaw(request(line));
    expect([line, answer]).toEqual([line, expect.stringMatching(new RegExp(`^HTTP/1\\.1 ${status} `))]);
    expect(answer.toLowerCase()).toMatch(/x-request-id: [0-9a-f-]{36}/);
  }
  expect(await sendRaw(request('GET / HTTP/1.1', [`X-Long: ${'x'.repeat(100_000)}`]))).toMatch(
    /^HTTP\/1\.1 431 /,
  );
  expect(
    await sendRaw(request('POST / HTTP/1.1', ['Content-Length: 5', 'Transfer-Encoding: chunked'], 'x')),
  ).toMatch(/^HTTP\/1\.1 400 /);
});

test('a parameter named like a built-in property of objects is treated like any other', async () => {
  for (const name of ['toString', '__proto__', 'constructor', 'hasOwnProperty', 'valueOf']) {
    const answer = await fetch(`${server.app.url}/api/v1/internal/github/repositories?${name}=1`, {
      headers: { [name.replaceAll('_', '-')]: '1' },
    });
    expect([name, answer.status]).toEqual([name, 401]);
    expect((await fetch(`${server.app.url}/sign-in?error=${name}&callbackUrl=${name}`)).status).toBe(200);
  }
});

test('an anonymous caller cannot write text of their own into the log', async () => {
  for (const path of PATHS)
    for (const sent of [
      request(`GET ${path}${HOSTILE} HTTP/1.1`),
      request(`GET ${path}?${HOSTILE}=${HOSTILE} HTTP/1.1`),
      request(`GET ${path}?error=${HOSTILE}&callbackUrl=${HOSTILE}&code=${SECRET}&state=${SECRET} HTTP/1.1`),
      request(`GET ${path}/%/%E0%A4%A/%00 HTTP/1.1`),
      request(`GET ${path}/${'a'.repeat(12_000)} HTTP/1.1`),
      request(`GET http://evil.test${path}${HOSTILE} HTTP/1.1`),
      request(`GET //evil.test${path}${HOSTILE} HTTP/1.1`),
      request(`HEAD ${path} HTTP/1.1`, [
        `User-Agent: \u001b[2J${FORGED}`,
        `X-Request-Id: ${FORGED}${SECRET}`,
      ]),
      request(`GET ${path} HTTP/1.1`, [
        `X-Forwarded-Host: ${FORGED}`,
        `X-Forwarded-Proto: ${FORGED}`,
        `X-Forwarded-For: ${FORGED}`,
        `Referer: ${FORGED}`,
        `Origin: ${FORGED}`,
        `Accept-Language: ${FORGED}`,
        `Authorization: Bearer ${SECRET}`,
        `Cookie: next-auth.session-token=${SECRET}; x=%0A${FORGED}`,
      ]),
      request(`GET ${path} HTTP/1.1`, [
        'RSC: 1',
        `Next-Router-State-Tree: ${HOSTILE}`,
        `Next-Url: ${HOSTILE}`,
      ]),
      request(`GET ${path} HTTP/1.1`, ['x-middleware-subrequest: proxy', `x-nextjs-data: ${HOSTILE}`]),
      request(`POST ${path} HTTP/1.1`, [`Next-Action: ${HOSTILE}`, 'Content-Length: 2'], '[]'),
      request(
        `POST ${path} HTTP/1.1`,
        [`Next-Action: ${'a'.repeat(42)}`, 'Content-Type: text/plain', 'Content-Length: 9'],
        '["$F1","x',
      ),
      request(
        `POST ${path} HTTP/1.1`,
        ['Content-Type: multipart/form-data; boundary=x', 'Content-Length: 5'],
        '--x\r\n',
      ),
      request(
        `POST ${path} HTTP/1.1`,
        ['Content-Type: multipart/form-data; boundary=x', 'Content-Length: 500'],
        '--x\r\nContent-Disposition: form-data; name="$ACTION_ID_',
      ),
      request(`GET ${path} HTTP/1.1`, [
        'Upgrade: websocket',
        'Sec-WebSocket-Key: x',
        'Sec-WebSocket-Version: 13',
      ]),
      request(`GET ${path}${HOSTILE} HTTP/1.1`, ['Upgrade: h2c', 'HTTP2-Settings: x']),
    ])
      await sendRaw(
        sent.replace(
          'Connection: close',
          sent.includes('Upgrade:') ? 'Connection: Upgrade' : 'Connection: close',
        ),
      );
  for (const path of ['_log', 'error', 'signin', 'callback/github', 'callback/x%0Ay', 'session%0A', 'csrf'])
    for (const method of ['GET', 'POST'])
      await fetch(`${server.app.url}/api/auth/${path}?code=${HOSTILE}&level=error&message=${HOSTILE}`, {
        method,
        redirect: 'manual',
        ...(method === 'POST'
          ? { body: new URLSearchParams({ level: 'error', code: FORGED, message: FORGED }) }
          : {}),
      });
  // The server must still respond. Once it has, all of its earlier log lines have arrived.
  expect((await fetch(`${server.app.url}/api/health/live`)).status).toBe(200);
});

/** Must run last, because it checks the output of all the tests above. */
test('every line is one JSON object with the fields of our log', async () => {
  const lines = server.app
    .log()
    .split('\n')
    .filter((line) => line !== '');
  expect(lines.length).toBeGreaterThan(3);
  const anchored: string[] = [];
  for (const line of lines) {
    expect(line).toMatch(
      /^[\u0020-\u007e\u00a0-\u1fff\u2010-\u2027\u2030-\u205f\u2070-\ufefe\uff00-\uffff]+$/,
    );
    const parsed: unknown = JSON.parse(line);
    expect(parsed).toMatchObject({
      level: expect.any(String),
      time: expect.any(String),
      msg: expect.any(String),
    });
    const { level, source, head_hash, msg } = parsed as Record<string, unknown>;
    expect(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).toContain(level);
    if (source !== undefined) expect(['stdout', 'stderr']).toContain(source);
    if (msg === 'audit chain head' || head_hash !== undefined) anchored.push(line);
    expect(line.length).toBeLessThan(20_000);
  }
  expect(anchored).toEqual([]);
  expect(server.app.log()).not.toContain(SECRET.slice(0, 16));
});
