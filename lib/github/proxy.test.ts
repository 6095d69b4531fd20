import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, it, vi } from 'vitest';
import { startTestGitHub } from './test-github';
import { createInstallationToken } from './tokens';

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

it('sends a mint through HTTPS_PROXY, and names the proxy’s refusal as the cause', async () => {
  vi.stubEnv('HTTPS_PROXY', `http://127.0.0.1:${port}`);
  const minted = createInstallationToken(1, { permissions: { metadata: 'read' } });
  await expect(minted).rejects.toMatchObject({ kind: 'unavailable', reason: 'proxy_refused' });
  expect(requested).toEqual(['ghes.test:443']);
});
