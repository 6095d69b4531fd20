/** Sends requests to a server like Next's production server. `elsewhere` lists those that reach Next. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { NextConfig } from 'next';
import { PHASE_PRODUCTION_SERVER } from 'next/constants';
import type { NextRequest } from 'next/server';
import { afterAll, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { Problem } from '../problem';
import { endConnections } from '../server/end-connections';
import { stampRequests } from '../server/stamp-requests';
import { serveDirectly } from './direct';
import { problemReply, toProblem } from './failure';
import { readBytes, requestIdOf } from './request';

vi.stubEnv('NODE_ENV', 'production');
stampRequests({ strictTransportSecurity: 'max-age=1' });
endConnections();

const MOST = 100_000;
/** More than the buffers of two kernels and of Node. */
const LARGE = 64 * 2 ** 20;
let failures: unknown[] = [];
let elsewhere: string[] = [];
beforeEach(() => {
  failures = [];
  elsewhere = [];
});

const TARGET = '/api/v1/echo';
serveDirectly(`POST ${TARGET}`, async (request: NextRequest) => {
  try {
    const body = String(await readBytes(request, MOST));
    return Response.json({ body, odd: request.headers.get('X-Odd'), path: request.nextUrl.pathname });
  } catch (error) {
    failures.push(error);
    return problemReply(toProblem(error), requestIdOf(request));
  }
});

/** Ends the work after a response, one per response. */
const endLater: { resolve: () => void; reject: (error: Error) => void }[] = [];
serveDirectly('POST /api/v1/later', async (_request, _next, later) => {
  later(() => new Promise<void>((resolve, reject) => endLater.push({ resolve, reject })));
  return { status: 202, headers: {}, body: null };
});
/** No header may hold a line break, so this response cannot be sent. */
serveDirectly('POST /api/v1/unsendable', async (_request, _next, later) => {
  later(async () => void elsewhere.push('later'));
  return { status: 202, headers: { 'x-odd': 'a\nb' }, body: null };
});

/** The reader of this body waits after the first chunk. */
const slowReader = { stop: () => {}, isWaiting: false };
serveDirectly('POST /api/v1/slow', async (request: NextRequest) => {
  const enter = () =>
    new Promise<void>((resolve) => {
      slowReader.isWaiting = true;
      slowReader.stop = resolve;
    });
  const body = await readBytes(request, LARGE, { hold: () => {}, bytes: 0, enter });
  return Response.json(body.length);
});
serveDirectly('POST /api/v1/broken', () => Promise.reject(new Error('broken')));

const server = createServer((request, response) => {
  elsewhere.push(`${request.method} ${request.url}`);
  response.end('Next');
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as AddressInfo;
const url = `http://127.0.0.1:${port}`;
await fetch(`${url}/first`);
afterAll(() => {
  server.close();
});

const post = (target: string, init: RequestInit = {}) =>
  fetch(`${url}${target}`, { method: 'POST', ...init });

it('responds with the same constant headers as Next', async () => {
  const { default: configOf }: { default: (phase: string) => NextConfig } = await import(
    path.resolve('next.config.js')
  );
  const expected: Record<string, string> = {};
  for (const { source, headers } of (await configOf(PHASE_PRODUCTION_SERVER).headers?.()) ?? []) {
    expect(['/api/:path*', '/api/v1/:path*', '/:path*']).toContain(source);
    // A route sets this header itself.
    for (const { key, value } of headers) if (key !== 'Cache-Control') expected[key.toLowerCase()] = value;
  }
  const response = await post(TARGET, { body: '{}' });
  expect(response.status).toBe(200);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    ...expected,
    'content-type': 'application/json',
    'content-length': String((await response.text()).length),
    'strict-transport-security': 'max-age=1',
    'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
  expect(elsewhere).toEqual([]);
});

it.each([
  ['GET', TARGET],
  ['PUT', TARGET],
  ['POST', `${TARGET}?x=1`],
  ['POST', `${TARGET}/`],
  ['POST', '/api/v1/%65cho'],
  ['POST', '/api/v1/constructor'],
])('leaves %s %s to Next', async (method, target) => {
  expect(await (await fetch(`${url}${target}`, { method })).text()).toBe('Next');
  expect(elsewhere).toEqual([`${method} ${target}`]);
});

it('hands the handler the headers as Next would', async () => {
  const response = await post(TARGET, {
    headers: [
      ['X-Odd', 'a'],
      ['x-odd', 'b'],
    ],
  });
  expect(await response.json()).toEqual({ body: '', odd: 'a, b', path: TARGET });
});

/** Sends raw bytes, and returns everything that the server sends back until it closes the connection. */
function talk(...parts: string[]): { answer: Promise<string>; socket: ReturnType<typeof connect> } {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  const answer = once(socket, 'close').then(() => text);
  socket.write(parts.join(''));
  return { answer, socket };
}

const head = (length: number, more = '') =>
  `POST ${TARGET} HTTP/1.1\r\nHost: us.test\r\nContent-Length: ${length}\r\n${more}\r\n`;
const LAST = 'Connection: close\r\n';

const chunked = (text: string, more = '') => {
  const pieces = text.match(/.{1,1000}/g)?.map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`);
  return `POST ${TARGET} HTTP/1.1\r\nHost: us.test\r\nTransfer-Encoding: chunked\r\n${more}\r\n${pieces?.join('')}0\r\n\r\n`;
};
const TEXT = Array.from({ length: 9000 }, (_, n) => String(n).padStart(10, '.')).join('');

it('reads the whole body, in whatever pieces it arrives', async () => {
  const { answer, socket } = talk(head(4, LAST), '{');
  await setImmediate();
  socket.write('"a"');
  expect(await answer).toContain('"body":"{\\"a\\""');
  expect((await (await post(TARGET, { body: TEXT })).json()).body).toBe(TEXT);
  expect(await talk(chunked(TEXT, LAST)).answer).toContain(`"body":"${TEXT}"`);
});

it.each([
  ['by its Content-Length', head(MOST * 3) + 'x'.repeat(MOST * 3)],
  ['by what arrives', chunked('x'.repeat(MOST * 3))],
])('serves the next request of a connection after a body that was too large %s', async (_, tooLarge) => {
  const { answer } = talk(tooLarge, head(1, LAST), 'y');
  expect(await answer).toMatch(/ 413 .* 200 .*"body":"y"/s);
  expect(elsewhere).toEqual([]);
});

it('rejects a body that the client cuts off, and keeps serving', async () => {
  const { socket, answer } = talk(head(10), 'half');
  await once(socket, 'connect');
  socket.end();
  await answer;
  await expect.poll(() => failures.length).toBeGreaterThan(0);
  expect(failures[0]).toBeInstanceOf(Problem);
  expect(failures[0]).toMatchObject({ code: 'invalid_request' });
  expect((await post(TARGET)).status).toBe(200);
});

it('closes the connection if a handler throws', async () => {
  await expect(post('/api/v1/broken')).rejects.toThrow();
  expect((await post(TARGET)).status).toBe(200);
});

it('runs work after a response that cannot be sent', async () => {
  await expect(post('/api/v1/unsendable')).rejects.toThrow();
  await expect.poll(() => elsewhere).toContain('later');
});

it('stops reading from the client while the handler does not read', async () => {
  let incoming: IncomingMessage | undefined;
  const listen = (message: unknown) => {
    incoming = (message as { request: IncomingMessage }).request;
  };
  subscribe('http.server.request.start', listen);
  onTestFinished(() => void unsubscribe('http.server.request.start', listen));
  const response = post('/api/v1/slow', { body: Buffer.alloc(LARGE) });
  await expect.poll(() => slowReader.isWaiting).toBe(true);
  // Node pauses a connection whose request holds more unread bytes than this.
  const isFull = () => incoming !== undefined && incoming.readableLength >= incoming.readableHighWaterMark;
  await expect.poll(isFull).toBe(true);
  expect(incoming?.socket.isPaused()).toBe(true);
  expect(incoming?.socket.bytesRead).toBeLessThan(LARGE / 2);
  slowReader.stop();
  expect(await (await response).json()).toBe(LARGE);
});

it('runs work after the response, and waits for it before it closes, even if some of it fails', async () => {
  vi.stubEnv('NODE_ENV', 'production');
  const other = createServer((_, response) => response.end('Next'));
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  await fetch(`${origin}/first`, { headers: { connection: 'close' } });
  for (const _ of ['fails', 'ends']) {
    const response = await fetch(`${origin}/api/v1/later`, {
      method: 'POST',
      headers: { connection: 'close' },
    });
    expect(response.status).toBe(202);
  }
  expect(endLater).toHaveLength(2);
  let isClosed = false;
  const closed = new Promise<void>((resolve) => {
    other.close(() => {
      isClosed = true;
      resolve();
    });
  });
  while (other.listening) await setImmediate();
  endLater[0]?.reject(new Error('failed later'));
  for (let turn = 0; turn < 10; turn++) await setImmediate();
  expect(isClosed).toBe(false);
  endLater[1]?.resolve();
  await closed;
});
