import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeEach, expect, it, vi } from 'vitest';
import { startTestGitHub } from './test-github';
import { createInstallationToken, probeInstallationToken, revokeInstallationToken } from './tokens';
import { withGitHubUser } from './user-oauth';

const requested: string[] = [];
const proxy = createServer();
proxy.on('connect', ({ url = '' }, socket) => {
  requested.push(url);
  socket.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n');
});
proxy.listen(0, '127.0.0.1');
await once(proxy, 'listening');
afterAll(() => {
  proxy.closeAllConnections();
  proxy.close();
});
const { port } = proxy.address() as AddressInfo;
await startTestGitHub(() => ({
  GITHUB_API_URL: 'https://ghes.test/api/v3',
  GITHUB_WEB_URL: 'https://ghes.test',
}));

beforeEach(() => {
  requested.length = 0;
});

const token = `ghs_${'a'.repeat(36)}`;

it.each<[call: string, () => Promise<unknown>]>([
  ['a mint', () => createInstallationToken(1, { permissions: { metadata: 'read' } })],
  ['the revocation of a token', () => revokeInstallationToken(token)],
  ['the check of a new token', () => probeInstallationToken({ token, installationId: 1 } as never)],
  ['the exchange of a code', () => withGitHubUser('code', 'state', async () => {})],
])('sends %s through HTTPS_PROXY, and names the proxy’s refusal as the cause', async (_, call) => {
  vi.stubEnv('HTTPS_PROXY', `http://127.0.0.1:${port}`);
  await expect(call()).rejects.toMatchObject({ kind: 'unavailable', reason: 'proxy_refused' });
  expect(requested).toEqual(['ghes.test:443']);
});
