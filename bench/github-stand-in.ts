/**
 * Serves a minimal GitHub in its own process. It mints a token for every request without any checks, so its own cost is
 * negligible. The offline GitHub used by the demo and the tests would be the slowest part, because it checks every JWT
 * and stores every request.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { serveTasks } from './process';

export interface StandInTask {
  /** The delay of each mint from now on, in milliseconds. */
  delayMs: number;
}

let delayMs = 0;

const server = createServer((incoming, outgoing) => {
  let asked = '';
  incoming.setEncoding('utf8').on('data', (chunk: string) => {
    asked += chunk;
  });
  incoming.on('end', async () => {
    const mint = incoming.method === 'POST' && incoming.url?.endsWith('/access_tokens');
    if (!mint) {
      outgoing.writeHead(501, { 'content-type': 'application/json' }).end('{"message":"Not Implemented"}');
      return;
    }
    if (delayMs > 0) await sleep(delayMs);
    const { repository_ids: ids }: { repository_ids?: number[] } = JSON.parse(asked);
    const body = JSON.stringify({
      token: `ghs_${randomBytes(27).toString('base64url')}`,
      expires_at: new Date(Date.now() + 3_600_000).toISOString(),
      permissions: { contents: 'read', metadata: 'read' },
      repository_selection: 'selected',
      ...(ids && { repositories: ids.map((id) => ({ id })) }),
    });
    outgoing
      .writeHead(201, {
        'content-type': 'application/json; charset=utf-8',
        'content-length': Buffer.byteLength(body),
      })
      .end(body);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1');
await once(server, 'listening');

serveTasks(async (task: StandInTask) => {
  delayMs = task.delayMs;
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
});
