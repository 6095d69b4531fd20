/**
 * Serves a minimal GitHub in its own process. It mints a token for every request without any checks, so its own cost is
 * negligible. The offline GitHub used by the demo and the tests would be the slowest part of the bench, because it
 * checks every JWT and stores every request.
 *
 * It reports the App as existing but without installations, so every uninstall reported by a webhook is confirmed. Only
 * the list of installations has one if a task names it. Installations in a range that a task names exist, too.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { serveTasks } from './process';

export interface StandInTask {
  /** How long each mint takes from now on, in milliseconds. */
  delayMs: number;
  /** The App that will call this stand-in. Stays the same until another task names a new one. */
  app?: { id: number; slug: string; clientId: string };
  /** An installation to list from now on. It shares the repository `api`. */
  listed?: { id: number; login: string };
  /** Installations to report as existing from now on, each after `delayMs`. */
  shown?: { from: number; until: number; delayMs: number };
}

let delayMs = 0;
let app: StandInTask['app'];
let listed: StandInTask['listed'];
let shown: StandInTask['shown'];

const sendJson = (outgoing: ServerResponse, status: number, value: object): void => {
  const body = JSON.stringify(value);
  outgoing
    .writeHead(status, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(body),
    })
    .end(body);
};

async function sendInstallation(outgoing: ServerResponse, id: number): Promise<void> {
  if (shown === undefined || id < shown.from || id >= shown.until)
    return sendJson(outgoing, 404, { message: 'Not Found' });
  await sleep(shown.delayMs);
  const account = { id, login: `account-${id - shown.from}`, type: 'Organization' };
  sendJson(outgoing, 200, { id, account, repository_selection: 'selected', suspended_at: null });
}

const server = createServer((incoming, outgoing) => {
  let asked = '';
  incoming.setEncoding('utf8').on('data', (chunk: string) => {
    asked += chunk;
  });
  incoming.on('end', async () => {
    const mint = incoming.method === 'POST' && incoming.url?.endsWith('/access_tokens');
    if (!mint) {
      if (incoming.url === '/app' && app !== undefined)
        sendJson(outgoing, 200, { id: app.id, slug: app.slug, client_id: app.clientId, html_url: '' });
      else if (/^\/app\/installations\/\d+$/.test(incoming.url ?? ''))
        await sendInstallation(outgoing, Number(incoming.url?.split('/').at(-1)));
      else if (listed !== undefined && incoming.url?.startsWith('/app/installations'))
        sendJson(outgoing, 200, [{ id: listed.id, account: { login: listed.login } }]);
      else if (listed !== undefined && incoming.url?.startsWith('/installation/repositories'))
        sendJson(outgoing, 200, { total_count: 1, repositories: [{ id: 1, name: 'api' }] });
      else sendJson(outgoing, 501, { message: 'Not Implemented' });
      return;
    }
    if (delayMs > 0) await sleep(delayMs);
    const { repository_ids: ids }: { repository_ids?: number[] } = JSON.parse(asked || '{}');
    sendJson(outgoing, 201, {
      token: `ghs_${randomBytes(27).toString('base64url')}`,
      expires_at: new Date(Date.now() + 3_600_000).toISOString(),
      permissions: { contents: 'read', metadata: 'read' },
      repository_selection: 'selected',
      ...(ids && { repositories: ids.map((id) => ({ id })) }),
    });
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1');
await once(server, 'listening');

serveTasks(async (task: StandInTask) => {
  delayMs = task.delayMs;
  app = task.app ?? app;
  listed = task.listed ?? listed;
  shown = task.shown ?? shown;
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
});
