import { once } from 'node:events';
import { createServer } from 'node:http';
import { get } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterAll, beforeEach, expect, it, vi } from 'vitest';
import { httpsAgent } from './https-agent';

/** The sockets of the tunnels that were asked for. */
const asked: Duplex[] = [];
let answer = '';
const proxy = createServer();
proxy.on('connect', (_, socket) => {
  asked.push(socket.on('error', () => {}).resume());
  if (answer !== '') socket.end(answer);
});
proxy.listen(0, '127.0.0.1');
await once(proxy, 'listening');
afterAll(() => {
  proxy.close();
  for (const socket of asked) socket.destroy();
});

beforeEach(() => {
  asked.length = 0;
  vi.stubEnv('HTTPS_PROXY', `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
});

function request(deadlineMs: number): Promise<unknown> {
  return once(get('https://kms.test', { agent: httpsAgent(deadlineMs) }), 'response');
}

it('names the proxy’s refusal as the cause', async () => {
  answer = 'HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n';
  await expect(request(10_000)).rejects.toThrow(/Proxy response \(407\)/);
});

it('ends a request whose proxy does not respond, and its connection with it', async () => {
  answer = '';
  await expect(request(50)).rejects.toThrow('the proxy did not answer in time');
  expect(asked).toHaveLength(1);
  for (const socket of asked) if (!socket.readableEnded) await once(socket, 'end');
});

it('fails, instead of going round it, if the proxy cannot be reached', async () => {
  vi.stubEnv('HTTPS_PROXY', 'http://127.0.0.1:1');
  await expect(request(10_000)).rejects.toThrow(/ECONNREFUSED 127\.0\.0\.1:1/);
});
