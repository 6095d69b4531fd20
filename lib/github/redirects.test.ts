/** Secrets must not follow a redirect, because a server that poses as GitHub could redirect them anywhere. */
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { fetchGitHubProfile } from '../auth/profiles';
import { getConfig } from '../config';
import { connectUpstash } from '../rate-limit/store';
import { callGitHub, forgetGitHub } from './client';
import { startTestGitHub } from './test-github';
import { createInstallationToken } from './tokens';
import { withGitHubUser } from './user-oauth';

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The requests that reached the server that the redirects point to. */
const arrived: string[] = [];
const elsewhere = await listen(async (request, response) => {
  const body: Buffer[] = [];
  for await (const chunk of request) body.push(chunk);
  arrived.push(`${request.method} ${request.url} ${JSON.stringify(request.headers)} ${Buffer.concat(body)}`);
  response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
});
let status = 307;
let asked = 0;
const redirecting = await listen((request, response) => {
  asked++;
  response.writeHead(status, { location: `${elsewhere}${request.url}` }).end();
});
await startTestGitHub(() => ({ GITHUB_API_URL: redirecting, GITHUB_WEB_URL: redirecting }));

beforeEach(() => {
  forgetGitHub();
  asked = 0;
  arrived.length = 0;
});

const SECRET = 'ghu_0123456789abcdefghijklmnopqrstuvwxyz';
const calls: [name: string, () => Promise<unknown>][] = [
  ['the exchange of a code, with the client secret', () => withGitHubUser('code', 'state', async () => {})],
  ['a call as the App', () => callGitHub({ as: 'app' }, 'GET /app', {})],
  ['a mint', () => createInstallationToken(1, { permissions: { metadata: 'read' } })],
  ['a call with a user token', () => callGitHub({ as: 'user', token: SECRET }, 'GET /user', {})],
  [
    'a call with an installation token',
    () => callGitHub({ as: 'installation', token: SECRET }, 'DELETE /installation/token', {}),
  ],
  [
    'the revocation of a user token, which is in the body',
    () =>
      callGitHub({ as: 'client' }, 'DELETE /applications/{client_id}/token', {
        client_id: getConfig().github.clientId,
        access_token: SECRET,
      }),
  ],
  ['a sign-in with GitHub', () => fetchGitHubProfile(redirecting, SECRET, 5000)],
];

describe('a redirect', () => {
  for (const code of [301, 302, 303, 307, 308])
    it.each(calls)(`with status ${code} fails the call and is not followed: %s`, async (_, call) => {
      status = code;
      await expect(call()).rejects.toThrow();
      expect(asked).toBeGreaterThan(0);
      expect(arrived).toEqual([]);
    });

  it('does not pass on the token of the counter store', async () => {
    status = 307;
    const token = 'upstash-token-that-is-secret';
    const store = connectUpstash({ url: redirecting, token }, 5000);
    await store.ping().catch(() => {});
    expect(asked).toBe(1);
    expect(arrived.join('\n')).not.toContain(token);
  });

  it('is handled explicitly in every fetch call of the app', async () => {
    const silent: string[] = [];
    for (const folder of ['lib', 'cli', 'app/api'])
      for (const name of await readdir(folder, { recursive: true })) {
        if (!/\.tsx?$/.test(name) || /\.test\.|(^|\/)test-|generated/.test(name)) continue;
        const text = await readFile(path.join(folder, name), 'utf8');
        const fetches = text.match(/\bfetch\(/g)?.length ?? 0;
        const redirects = text.match(/redirect: '(error|manual)'/g)?.length ?? 0;
        if (fetches > redirects) silent.push(`${folder}/${name}`);
      }
    expect(silent).toEqual([]);
  });
});
