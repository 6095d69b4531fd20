/** A proxy's or captive portal's success page must not count as GitHub's confirmation that something ended. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, it } from 'vitest';
import { callGitHub } from './client';
import { deleteInstallation } from './installations';
import { startTestGitHub } from './test-github';
import { endToken } from './tokens';

/** The response of whatever answers in GitHub's place. */
let [status, type, body] = [200, 'text/html', '<html>Welcome to our network</html>'];
const server = createServer((_request, response) => {
  response.writeHead(status, { 'content-type': type }).end(body);
}).listen(0, '127.0.0.1');
await once(server, 'listening');
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
await startTestGitHub(() => ({ GITHUB_API_URL: url, GITHUB_WEB_URL: url }));

const DELETIONS: [string, () => Promise<unknown>][] = [
  ['the revocation of a token', () => endToken(`ghs_${'a'.repeat(36)}`, false)],
  ['an uninstall', () => deleteInstallation(1)],
  [
    'the revocation of a user’s token',
    () =>
      callGitHub({ as: 'client' }, 'DELETE /applications/{client_id}/token', {
        client_id: 'test',
        access_token: 'gho_a',
      }),
  ],
];
const PAGES = [
  [200, 'text/html', '<html>Welcome to our network</html>'],
  [200, 'application/json', '{}'],
  [202, 'application/json', '{}'],
] as const;

it.each(DELETIONS)('never takes a success other than 204 as a confirmation of %s', async (_name, remove) => {
  for (const page of PAGES) {
    [status, type, body] = page;
    await expect(remove()).rejects.toMatchObject({ reason: 'unreadable_answer', status });
  }
  [status, type, body] = [204, 'text/html', ''];
  await expect(remove()).resolves.not.toThrow();
});
