/**
 * Serves the baseline for mints in its own process: a bare Node server around `@octokit/app`, without authentication,
 * limits, database or audit log. `/cached` serves the token that `@octokit/auth-app` keeps in memory.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { App } from '@octokit/app';
import { Octokit } from '@octokit/core';
import { serveTasks } from './process';

const { BENCH_GITHUB_URL = '', BENCH_APP_ID = '', BENCH_PRIVATE_KEY = '' } = process.env;

const app = new App({
  appId: BENCH_APP_ID,
  privateKey: BENCH_PRIVATE_KEY,
  Octokit: Octokit.defaults({ baseUrl: BENCH_GITHUB_URL }),
});

const server = createServer((incoming, outgoing) => {
  incoming.resume();
  incoming.on('end', async () => {
    if (incoming.url === '/cached') {
      const cached = await app.octokit.auth({ type: 'installation', installationId: 1 });
      outgoing.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify(cached));
      return;
    }
    const { data } = await app.octokit.request('POST /app/installations/{installation_id}/access_tokens', {
      installation_id: 1,
      permissions: { contents: 'read', metadata: 'read' },
    });
    outgoing.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify(data));
  });
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');

serveTasks(async () => ({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }));
