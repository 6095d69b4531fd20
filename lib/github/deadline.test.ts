import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterAll, beforeEach, expect, it, vi } from 'vitest';
import { onePerProcess } from '../async';
import { callGitHub, forgetGitHub } from './client';
import { startTestGitHub } from './test-github';
import { createInstallationToken } from './tokens';

/** Accepts connections and never writes, as a host or proxy that hangs: TLS and tunnels are never established. */
const sockets = new Set<Socket>();
const hanging = createServer((socket) => {
  sockets.add(socket);
  socket.on('error', () => {});
  socket.resume();
}).listen(0, '127.0.0.1');
await once(hanging, 'listening');
afterAll(() => {
  for (const socket of sockets) socket.destroy();
  hanging.close();
});
const { port } = hanging.address() as AddressInfo;
await startTestGitHub(() => ({
  GITHUB_API_URL: `https://127.0.0.1:${port}`,
  GITHUB_WEB_URL: `https://127.0.0.1:${port}`,
  GITHUB_TIMEOUT_MS: '1000',
}));

beforeEach(() => {
  forgetGitHub();
  // The environment's proxy is read once.
  onePerProcess('github connections', () => undefined).forget();
});

it.each([
  ['GitHub', {}],
  ['the proxy', { HTTPS_PROXY: `http://127.0.0.1:${port}` }],
])('ends a call at its deadline while %s lets the connection hang', async (_, environment) => {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  for (const call of [
    () => createInstallationToken(1, { permissions: { metadata: 'read' } }),
    () => callGitHub({ as: 'app' }, 'GET /app', {}),
  ])
    await expect(call()).rejects.toMatchObject({
      reason: 'github_unavailable',
      // undici gives up on a connection after 10 s, and on a tunnel after 300 s.
      cause: { message: expect.stringContaining('aborted due to timeout') },
    });
});
