/**
 * Serves responses that are too long or never end. Every way in which the app calls GitHub has to end with an error and
 * close its connection.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { fetchGitHubProfile } from '../auth/profiles';
import { getAppInfo } from './app-info';
import { callGitHub, forgetGitHub } from './client';
import { fetchOutgoing, MAX_RESPONSE_BYTES } from './connections';
import { listFailedDeliveries } from './deliveries';
import { getInstallation, listInstallationRepositories, listInstallations } from './installations';
import { startTestGitHub } from './test-github';
import { createInstallationToken, probeInstallationToken, revokeInstallationToken } from './tokens';
import { withGitHubUser } from './user-oauth';

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';
const PIECE = Buffer.alloc(64 * 1024, '1');

/** Only ways that allow compression decompress this. The others find no JSON in it. */
const EXPANDS = gzipSync(Buffer.alloc(2 * MAX_RESPONSE_BYTES, '1'));

/** Writes as long as the client reads. */
function pour(socket: NodeJS.WritableStream): void {
  while (socket.writable && socket.write(PIECE));
  socket.once('drain', () => pour(socket));
}

const ANSWERS: Record<string, (socket: Socket) => void> = {
  'a body without end': (socket) => {
    socket.write(`${HEAD}\r\n`);
    pour(socket);
  },
  'a short body that expands beyond the limit': (socket) => {
    socket.write(`${HEAD}content-encoding: gzip\r\n\r\n`);
    socket.end(EXPANDS);
  },
  'a header without end': (socket) => {
    socket.write(`${HEAD}x-long: `);
    pour(socket);
  },
  'headers without end': (socket) => {
    socket.write(HEAD);
    const header = Buffer.from('x-more: and more\r\n'.repeat(4000));
    const send = () => {
      while (socket.writable && socket.write(header));
      socket.once('drain', send);
    };
    send();
  },
};

let answer: (socket: Socket) => void = () => {};
const open = new Set<Socket>();
let sent = 0;
const server = createServer((socket) => {
  open.add(socket);
  socket.on('error', () => {});
  socket.on('close', () => {
    sent += socket.bytesWritten;
    open.delete(socket);
  });
  socket.once('data', () => answer(socket));
  socket.resume();
}).listen(0, '127.0.0.1');
await once(server, 'listening');
afterAll(() => {
  for (const socket of open) socket.destroy();
  server.close();
});
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
await startTestGitHub(() => ({ GITHUB_API_URL: url, GITHUB_WEB_URL: url }));

beforeEach(() => {
  forgetGitHub();
  sent = 0;
});

const token = `ghs_${'a'.repeat(36)}`;
const CALLS: [string, () => Promise<unknown>][] = [
  ['a mint', () => createInstallationToken(1, { permissions: { metadata: 'read' } })],
  ['the check of a new token', () => probeInstallationToken({ token, installationId: 1 } as never)],
  ['the revocation of a token', () => revokeInstallationToken(token)],
  ['the exchange of a code', () => withGitHubUser('code', 'state', async () => {})],
  ['a call with a user token', () => callGitHub({ as: 'user', token }, 'GET /user', {})],
  ['the App', () => getAppInfo()],
  ['an installation', () => getInstallation(1)],
  ['the list of installations', () => listInstallations()],
  ['a list of repositories', () => listInstallationRepositories({ token, installationId: 1 } as never)],
  ['the list of deliveries', () => listFailedDeliveries().next()],
  ['a sign-in', () => fetchGitHubProfile(url, token, 60_000)],
];

describe.each(Object.entries(ANSWERS))('%s', (_, given) => {
  it.each(CALLS)('ends %s with an error, and its connection', async (_call, call) => {
    answer = given;
    await expect(call()).rejects.toThrow();
    await expect.poll(() => open.size).toBe(0);
    // The kernel's buffers come on top of the limit. A sign-in sends two requests.
    expect(sent).toBeLessThan(3 * MAX_RESPONSE_BYTES);
  });
});

it('counts what a compressed body expands to', async () => {
  answer = ANSWERS['a short body that expands beyond the limit'] ?? answer;
  await expect(fetchOutgoing(url, {})).rejects.toThrow('the response is too long');
});
