/** Holds requests through a proxy to what they do with proxies that are broken or slow. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterAll, beforeEach, expect, it, vi } from 'vitest';
import { createClient, PulseStreamError } from './index.js';

const KEY = `psk_dev_${'Zz09'.repeat(9)}Zz`;
let tunnels: IncomingMessage[] = [];
let respond: (socket: Duplex) => void;
const proxy = createServer();
proxy.on('connect', (incoming, socket) => {
  tunnels.push(incoming);
  socket.on('error', () => {});
  respond(socket);
});
proxy.listen(0, '127.0.0.1');
await once(proxy, 'listening');
afterAll(() => {
  proxy.close();
  proxy.closeAllConnections();
});
const { port } = proxy.address() as AddressInfo;

beforeEach(() => {
  tunnels = [];
  vi.stubEnv('HTTPS_PROXY', `http://me:hunter2@127.0.0.1:${port}`);
});

const client = createClient({
  url: 'https://control-plane.test',
  auth: { apiKey: KEY },
  maxRetries: 1,
  clock: { now: Date.now, sleep: (ms, signal) => (ms < 60_000 ? Promise.resolve() : aborted(signal)) },
});

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

async function failure(work: Promise<unknown>): Promise<PulseStreamError> {
  const error: unknown = await work.catch((reason: unknown) => reason);
  if (!(error instanceof PulseStreamError)) throw new Error('no PulseStreamError');
  expect(`${error.message} ${error.stack}`).not.toMatch(/hunter2|psk_/);
  return error;
}

it.each<[string, (socket: Duplex) => void, string]>([
  ['refuses', (socket) => socket.end('HTTP/1.1 407 No\r\ncontent-length: 0\r\n\r\n'), 'PROXY_STATUS_407'],
  ['hangs up', (socket) => socket.destroy(), 'ECONNRESET'],
  ['does not speak HTTP', (socket) => socket.end('SSH-2.0-OpenSSH\r\n'), 'HPE_INVALID_CONSTANT'],
])('repeats a mint when the proxy %s, because nothing was sent', async (_, answer, code) => {
  respond = answer;
  const error = await failure(client.mint());
  expect(error).toMatchObject({ code: 'unreachable', retry: 'safe' });
  expect(error.message).toContain(code);
  expect(tunnels.length).toBe(2);
});

it('sends the key into the tunnel only, never to the proxy', async () => {
  respond = (socket) => socket.destroy();
  await failure(client.mint());
  expect(tunnels[0]?.url).toBe('control-plane.test:443');
  expect(JSON.stringify(tunnels[0]?.rawHeaders)).not.toContain(KEY);
});

it('never repeats a mint that broke inside the tunnel, and sends no request before TLS', async () => {
  let received = '';
  respond = (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    socket.once('data', (chunk: Buffer) => {
      received = chunk.toString('latin1');
      socket.destroy();
    });
  };
  expect(await failure(client.mint())).toMatchObject({ code: 'unreachable', retry: 'if_idempotent' });
  expect(tunnels.length).toBe(1);
  // 22 is the type of a TLS handshake.
  expect(received.charCodeAt(0)).toBe(22);
  expect(received).not.toContain('psk_');
});

it('ends with the caller’s reason while the proxy is silent', async () => {
  const stop = new AbortController();
  respond = () => stop.abort(new Error('no longer needed'));
  await expect(client.revoke('ghs_x', { signal: stop.signal })).rejects.toThrow('no longer needed');
});

const closed = await closedPort();

/** Returns a port that nothing listens on. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

it('reaches a plain http URL of this machine without the proxy', async () => {
  const direct = createClient({ url: `http://127.0.0.1:${closed}`, auth: { apiKey: KEY }, maxRetries: 0 });
  expect((await failure(direct.mint())).message).toContain('ECONNREFUSED');
  expect(tunnels).toEqual([]);
});
