/** Aborts short requests at two moments, and checks what the server sees of them. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, it } from 'vitest';
import { fetchShort } from './connections';
import { startTestGitHub } from './test-github';

const requested: string[] = [];
const server = createServer((incoming, outgoing) => {
  requested.push(incoming.url ?? '');
  if (incoming.url !== '/slow') outgoing.end('{}');
}).listen(0, '127.0.0.1');
await once(server, 'listening');
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
await startTestGitHub(() => ({ GITHUB_API_URL: url }));

const REASON = new Error('the deadline has passed');
const get = (path: string, signal?: AbortSignal) =>
  fetchShort(`${url}${path}`, { method: 'GET', headers: {}, ...(signal && { signal }) });

it('never sends a request that was aborted while it waited for a connection', async () => {
  const deadline = new AbortController();
  const aborted = get('/aborted', deadline.signal);
  deadline.abort(REASON);
  await expect(aborted).rejects.toBe(REASON);
  await expect(get('/late', deadline.signal)).rejects.toBe(REASON);
  expect((await get('/after')).status).toBe(200);
  expect(requested).toEqual(['/after']);
});

// By itself, undici would close the connection only after GITHUB_TIMEOUT_MS, which is 60 s here.
it('closes the connection of a request that is aborted while the server works on it', {
  timeout: 30_000,
}, async () => {
  const deadline = new AbortController();
  const arrived = once(server, 'request');
  const aborted = get('/slow', deadline.signal);
  const [incoming] = (await arrived) as [IncomingMessage];
  const closed = once(incoming.socket, 'close');
  deadline.abort(REASON);
  await expect(aborted).rejects.toBe(REASON);
  await closed;
});
