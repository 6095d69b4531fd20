/** Holds the client to what it does with servers that are broken, foreign or hostile. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { type Client, type ClientOptions, createClient, PulseStreamError } from './index.js';

const KEY = `psk_dev_${'Zz09'.repeat(9)}Zz`;
const TOKEN = `ghs_${'secret'.repeat(6)}`;

const received: IncomingMessage[] = [];
let respond: (outgoing: ServerResponse, incoming: IncomingMessage) => void;
const server = createServer((incoming, outgoing) => {
  received.push(incoming);
  incoming.resume().on('end', () => respond(outgoing, incoming));
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
afterAll(() => {
  server.close();
  server.closeAllConnections();
});
beforeEach(() => {
  received.length = 0;
});

/** Waits before a retry are recorded and take no time. Deadlines pass when a test says so. */
let waits: number[] = [];
let passDeadline = () => {};
const clock = {
  now: () => Date.now(),
  sleep: (ms: number, signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      if (ms < 60_000) {
        waits.push(ms);
        resolve();
      } else {
        passDeadline = resolve;
        signal.addEventListener('abort', () => reject(signal.reason));
      }
    }),
};
beforeEach(() => {
  waits = [];
});

const makeClient = (options: Partial<ClientOptions> = {}): Client =>
  createClient({ url: origin, auth: { apiKey: KEY }, clock, ...options });

async function failure(work: Promise<unknown>): Promise<PulseStreamError> {
  const error: unknown = await work.catch((reason: unknown) => reason);
  if (!(error instanceof PulseStreamError)) throw new Error(`no PulseStreamError: ${inspect(error)}`);
  const everything = inspect(error, { depth: 9, showHidden: true });
  expect(everything).not.toContain(KEY);
  expect(everything).not.toContain(TOKEN);
  return error;
}

const problem = (status: number, code: string, more: object = {}) =>
  JSON.stringify({ type: '/docs', title: 'x', status, detail: 'why', code, request_id: 'r1', ...more });
const PROBLEM = { 'content-type': 'application/problem+json' };
const MINTED = {
  token: TOKEN,
  expires_at: '2026-01-31T10:00:00Z',
  installation_id: 1,
  account: { login: 'acme', type: 'Organization' },
  permissions: { contents: 'read', metadata: 'read' },
  repository_selection: 'all',
};

it('follows no redirect, so that no other server receives the credential', async () => {
  let foreign = 0;
  const other = createServer((_, outgoing) => {
    foreign += 1;
    outgoing.end('{}');
  });
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  for (const status of [301, 302, 303, 307, 308]) {
    respond = (outgoing) => outgoing.writeHead(status, { location: `http://127.0.0.1:${port}/` }).end();
    expect(await failure(makeClient().mint())).toMatchObject({ code: 'unexpected_answer', status });
    expect(await failure(makeClient().repositories().next())).toMatchObject({
      code: 'unexpected_answer',
      status,
    });
  }
  expect([received.length, foreign]).toEqual([10, 0]);
  other.close();
});

it.each<[string, (outgoing: ServerResponse) => void]>([
  ['an endless body', endless],
  [
    'a small body that unpacks to a huge one',
    (outgoing) => {
      outgoing.writeHead(201, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(64 * 1024 * 1024)));
    },
  ],
])('stops reading %s', async (_, send) => {
  respond = send;
  expect((await failure(makeClient().mint())).message).toMatch(/more than \d+ bytes/);
});

function endless(outgoing: ServerResponse): void {
  outgoing.writeHead(201, { 'content-type': 'application/json' });
  const chunk = Buffer.alloc(64 * 1024, 32);
  const write = () => {
    while (!outgoing.destroyed && outgoing.write(chunk));
    if (!outgoing.destroyed) outgoing.once('drain', write);
  };
  write();
}

it.each([
  ['text that begins with a token', `${TOKEN} {`],
  ['a JSON string', JSON.stringify(TOKEN)],
  ['null', 'null'],
  ['an answer without an account', JSON.stringify({ ...MINTED, account: null })],
  ['an expiry that is no time', JSON.stringify({ ...MINTED, expires_at: TOKEN })],
  ['a token with a line break', JSON.stringify({ ...MINTED, token: `${TOKEN}\r\nx: y` })],
  ['nothing', ''],
])('rejects a response with %s, and quotes none of it', async (_, body) => {
  respond = (outgoing) => outgoing.writeHead(201, { 'content-type': 'application/json' }).end(body);
  expect(await failure(makeClient().mint())).toMatchObject({ code: 'unexpected_answer', retry: 'no' });
  expect(received).toHaveLength(1);
});

it('blanks credentials and control characters in the texts of a problem', async () => {
  const detail = `bad \u001b[2J\r\n${KEY} ${TOKEN} ${'x'.repeat(5_000)}`;
  const errors = [{ path: 'a', message: `${TOKEN}\n` }];
  respond = (outgoing) =>
    outgoing.writeHead(400, PROBLEM).end(problem(400, 'invalid_request', { detail, errors }));
  const error = await failure(makeClient().mint());
  expect(error.message).toMatch(/^bad {2}\[2J \[hidden\] \[hidden\] x+$/);
  expect(error.message.length).toBeLessThan(1_100);
  expect(error.errors).toEqual([{ path: 'a', message: '[hidden] ' }]);
});

it('turns an unknown code, and a failure without a problem document, into unexpected_answer', async () => {
  for (const [type, body] of [
    ['application/problem+json', problem(418, 'teapot')],
    ['application/problem+json', '{"code":'],
    ['text/html', '<h1>sign in</h1>'],
  ] as const) {
    respond = (outgoing) => outgoing.writeHead(418, { 'content-type': type }).end(body);
    expect(await failure(makeClient().mint())).toMatchObject({ code: 'unexpected_answer', status: 418 });
  }
});

it('waits as long as Retry-After says, in seconds or as a date of the server’s clock', async () => {
  const hour = 3_600_000;
  const values = [
    { 'retry-after': '7' },
    // The server's clock is an hour behind.
    {
      'retry-after': new Date(Date.now() - hour + 9_000).toUTCString(),
      date: new Date(Date.now() - hour).toUTCString(),
    },
    { 'retry-after': 'soon' },
  ];
  respond = (outgoing) => {
    const next = values.shift();
    if (next === undefined) outgoing.writeHead(201).end(JSON.stringify(MINTED));
    else outgoing.writeHead(429, { ...PROBLEM, ...next }).end(problem(429, 'rate_limited'));
  };
  await makeClient().mint();
  const [first = 0, second = 0, third = 0] = waits;
  expect(first).toBeGreaterThanOrEqual(7_000);
  expect(second).toBeGreaterThanOrEqual(8_000);
  expect(second).toBeLessThan(20_000);
  expect(third).toBeLessThan(7_000);
});

it('repeats a mint when nobody listens, because nothing was sent', async () => {
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
  const { port } = closed.address() as AddressInfo;
  await new Promise((resolve) => closed.close(resolve));
  const error = await failure(makeClient({ url: `http://127.0.0.1:${port}` }).mint());
  expect(error).toMatchObject({ code: 'unreachable', retry: 'safe' });
  expect(error.message).toContain('ECONNREFUSED');
  expect(waits).toHaveLength(3);
});

it('ends a call at its deadline, and a waiting one at the caller’s abort', async () => {
  respond = () => passDeadline();
  expect(await failure(makeClient().mint())).toMatchObject({ code: 'timeout' });

  const caller = new AbortController();
  respond = () => caller.abort(new Error('left'));
  await expect(makeClient().repositories({ signal: caller.signal }).next()).rejects.toThrow('left');
  await expect(makeClient().mint({ signal: caller.signal })).rejects.toThrow('left');
  expect(received).toHaveLength(2);
});

it('leaves no listener on the signal of a caller', async () => {
  respond = (outgoing) => outgoing.writeHead(204).end();
  const { signal } = new AbortController();
  let listeners = 0;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    listeners += 1;
    addEventListener.apply(signal, args);
  };
  signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    listeners -= 1;
    removeEventListener.apply(signal, args);
  };
  await makeClient().revoke(TOKEN, { signal });
  expect(listeners).toBe(0);
});

it('ends a list whose cursor does not move', async () => {
  respond = (outgoing) => outgoing.end(JSON.stringify({ data: [], next_cursor: 'same' }));
  const list = async () => {
    for await (const _ of makeClient().repositories());
  };
  expect(await failure(list())).toMatchObject({ code: 'unexpected_answer' });
  expect(received).toHaveLength(2);
});

it('sends the workspace and says who it is', async () => {
  respond = (outgoing) => outgoing.writeHead(204).end();
  await makeClient({ workspace: 'acme', userAgent: 'engine/3' }).revoke(TOKEN);
  expect(received[0]?.headers).toMatchObject({
    'x-workspace': 'acme',
    'user-agent': expect.stringMatching(/^engine\/3 pulsestream\/\d+\.\d+\.\d+ node\/\d+/),
    authorization: `Bearer ${KEY}`,
  });
});

it.each<[string, Partial<ClientOptions>]>([
  ['a URL without encryption', { url: 'http://pulsestream.example.com' }],
  ['a host that only begins like this machine', { url: 'http://localhost.example.com' }],
  ['a host that only begins like an address of this machine', { url: 'http://127.0.0.1.example.com' }],
  ['another protocol', { url: 'ftp://localhost' }],
  ['a URL with a password', { url: `https://user:${KEY}@pulsestream.example.com` }],
  ['a URL with a path', { url: 'https://pulsestream.example.com/w/acme' }],
  ['no URL', { url: '' }],
  ['no credential', { auth: {} as never }],
  ['two credentials', { auth: { apiKey: KEY, apiKeyFile: '/key' } as never }],
  ['an empty key', { auth: { apiKey: '' } }],
  ['an unknown platform', { auth: { ambient: 'toString' as never } }],
  ['a workspace that would be another header', { workspace: 'acme\r\nx: y' }],
  ['a user agent that would be another header', { userAgent: 'engine\r\nx: y' }],
])('refuses %s', async (_, options) => {
  const error = await failure(Promise.resolve().then(() => makeClient(options)));
  expect(error.code).toBe('invalid_options');
});

it.each([
  'https://pulsestream.example.com',
  'http://localhost:3000/',
  'http://[::1]:3000',
  'http://app.localhost',
])('accepts %s', (url) => {
  expect(() => makeClient({ url })).not.toThrow();
});
