/** Checks that every call ends at its deadline, and that its connection ends too, whatever stage hangs. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterAll, beforeEach, expect, it, vi } from 'vitest';
import { onePerProcess } from '../async';
import { fetchGitHubProfile } from '../auth/profiles';
import { callGitHub, forgetGitHub } from './client';
import { listInstallations } from './installations';
import { startTestGitHub } from './test-github';
import { createInstallationToken, revokeInstallationToken } from './tokens';
import { withGitHubUser } from './user-oauth';

const DRIP_MS = 50;
const sockets = new Set<Socket>();
let accepted = 0;

/** Runs for each connection before the server hangs. */
let welcome: (socket: Socket) => void = () => {};
const hanging = createServer((socket) => {
  accepted++;
  sockets.add(socket);
  socket.on('error', () => {});
  socket.on('close', () => sockets.delete(socket));
  socket.resume();
  welcome(socket);
}).listen(0, '127.0.0.1');
await once(hanging, 'listening');
afterAll(() => {
  for (const socket of sockets) socket.destroy();
  hanging.close();
});
const { port } = hanging.address() as AddressInfo;
const GITHUB_TIMEOUT_MS = 1000;
const HTTPS = `https://127.0.0.1:${port}`;
const HTTP = `http://127.0.0.1:${port}`;
await startTestGitHub(() => ({
  GITHUB_API_URL: HTTP,
  GITHUB_WEB_URL: HTTP,
  GITHUB_TIMEOUT_MS: String(GITHUB_TIMEOUT_MS),
}));

beforeEach(() => {
  forgetGitHub();
  // The environment's proxy is read once.
  onePerProcess('github connections', () => undefined).forget();
  accepted = 0;
});

/** Sends this and then one byte after another, forever. */
const drip = (head: string) => (socket: Socket) => {
  socket.write(head);
  const timer = setInterval(() => socket.write('1'), DRIP_MS);
  socket.on('close', () => clearInterval(timer));
};

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';
const silent = () => {};
const tunnel = (socket: Socket) => void socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));

const STAGES: [string, { url: string; proxy?: string; welcome: (socket: Socket) => void }][] = [
  ['GitHub never responds', { url: HTTP, welcome: silent }],
  ['GitHub never completes TLS', { url: HTTPS, welcome: silent }],
  ['GitHub sends its headers byte by byte', { url: HTTP, welcome: drip(`${HEAD}x-slow: `) }],
  ['GitHub sends its body byte by byte', { url: HTTP, welcome: drip(`${HEAD}\r\n`) }],
  ['the proxy never answers CONNECT', { url: HTTPS, proxy: HTTP, welcome: silent }],
  ['the proxy never completes TLS', { url: HTTPS, proxy: HTTPS, welcome: silent }],
  ['TLS is never completed inside the proxy’s tunnel', { url: HTTPS, proxy: HTTP, welcome: tunnel }],
];

const token = `ghs_${'a'.repeat(36)}`;
const CALLS: [string, (url: string) => Promise<unknown>][] = [
  ['a mint', () => createInstallationToken(1, { permissions: { metadata: 'read' } })],
  ['the revocation of a token', () => revokeInstallationToken(token)],
  ['the exchange of a code', () => withGitHubUser('code', 'state', async () => {})],
  ['the App', () => callGitHub({ as: 'app' }, 'GET /app', {})],
  ['the list of installations', () => listInstallations()],
  ['a sign-in', (url) => fetchGitHubProfile(url, token, GITHUB_TIMEOUT_MS)],
];

it.each(STAGES)('ends every call at its deadline, and its connection, while %s', async (_, stage) => {
  welcome = stage.welcome;
  vi.stubEnv('GITHUB_API_URL', stage.url);
  vi.stubEnv('GITHUB_WEB_URL', stage.url);
  vi.stubEnv('HTTPS_PROXY', stage.proxy ?? '');
  const ended = CALLS.map(async ([name, call]) => [name, await call(stage.url).catch(causeOf)] as const);
  // undici would wait 10 s for a connection, and 300 s for a tunnel.
  const expected = CALLS.map(([name]) => [name, expect.stringContaining('timeout')]);
  expect(await Promise.all(ended)).toEqual(expected);
  expect(accepted).toBeGreaterThan(0);
  // By itself, undici closes a half-open connection only after 10 s.
  await expect.poll(() => sockets.size).toBe(0);
});

const causeOf = (error: unknown) => String(error instanceof Error ? (error.cause ?? error) : error);
