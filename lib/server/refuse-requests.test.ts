/**
 * Sends requests that Next would answer with a 500 or not at all. The server under test answers any request that
 * reaches it with a 200.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterAll, expect, it, onTestFinished, vi } from 'vitest';
import { stampRequests } from './stamp-requests';

vi.stubEnv('NODE_ENV', 'production');
stampRequests({ strictTransportSecurity: null });

const served: (string | undefined)[] = [];
const server = createServer((request, response) => {
  served.push(request.url);
  response.end(`${request.headers.host} ${request.url}`);
});
// Close upgrades the way Next's production server does.
server.on('upgrade', (_, socket) => socket.destroy());
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as AddressInfo;
await fetch(`http://127.0.0.1:${port}/first`);
afterAll(() => {
  server.close();
});

/**
 * Sends a request.
 *
 * @returns everything sent by the server until it closes the connection
 */
const send = (line: string, ...headers: string[]) =>
  new Promise<string>((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('close', () => resolve(answer));
    const connection = headers.length === 0 ? 'close' : 'close, Upgrade';
    socket.write([line, 'Host: us.test', `Connection: ${connection}`, ...headers, '', ''].join('\r\n'));
  });

it.each([
  ['GET * HTTP/1.1', 400],
  ['GET /w/%ff/audit-log HTTP/1.1', 400],
  ['GET /api/v1/workspaces/%E0%A4%A/members HTTP/1.1', 400],
  ['OPTIONS * HTTP/1.1', 200],
  ['DELETE /favicon.svg HTTP/1.1', 405],
  ['POST /_next/static/x.js HTTP/1.1', 405],
  ['TRACE / HTTP/1.1', 405],
])('answers %s with %i and a request id, before the app sees it', async (line, status) => {
  const answer = await send(line);
  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(answer.toLowerCase()).toMatch(/x-request-id: [0-9a-f-]{36}/);
  expect(answer).not.toContain('us.test');
});

it('answers a malformed request to the API with a problem document', async () => {
  const [head = '', body = ''] = (await send('GET /api/v1/workspaces/%ff/members HTTP/1.1')).split(
    '\r\n\r\n',
  );
  expect(head.toLowerCase()).toContain('content-type: application/problem+json');
  const problem = JSON.parse(body.slice(body.indexOf('{'), body.lastIndexOf('}') + 1));
  expect(problem).toMatchObject({ status: 400, code: 'invalid_request', errors: [{ path: '' }] });
  expect(head.toLowerCase()).toContain(`x-request-id: ${problem.request_id}`);
});

it.each(['CONNECT us.test:443 HTTP/1.1\r\nHost: us.test\r\n\r\n', 'no HTTP\r\n\r\n'])(
  'closes the connection of a client that keeps its end open after a refusal: %j',
  async (text) => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const accepting = once(server, 'connection') as Promise<[Socket]>;
    const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    onTestFinished(() => void client.destroy());
    const [accepted] = await accepting;
    client.write(text);
    let answer = '';
    for await (const chunk of client.setEncoding('utf8')) answer += chunk;
    expect(answer).toMatch(/^HTTP\/1\.1 40[05] /);
    expect(accepted.destroyed).toBe(false);
    vi.advanceTimersByTime(5000);
    expect(accepted.destroyed).toBe(true);
  },
);

it('rejects a request with two Host headers', async () => {
  expect(await send('GET /trust HTTP/1.1\r\nHost: evil.test')).toMatch(/^HTTP\/1\.1 400 /);
});

it('serves an absolute target as its path on its host', async () => {
  expect(await send('GET http://there.test/trust?x=1 HTTP/1.1')).toContain('there.test /trust?x=1');
});

it.each(['websocket', 'h2c'])('serves an upgrade to %s as an ordinary request', async (protocol) => {
  expect(await send('GET /trust HTTP/1.1', `Upgrade: ${protocol}`)).toContain('us.test /trust');
});

it('serves a request with an unknown expectation as an ordinary request', async () => {
  expect(await send('GET /trust HTTP/1.1', 'Expect: something')).toContain('us.test /trust');
});

it('drops a request whose client has reset the connection, and whose address is lost with it', async () => {
  const seen: string[] = [];
  const listen = (message: unknown) => {
    seen.push((message as { request: IncomingMessage }).request.url ?? '');
  };
  subscribe('http.server.request.start', listen);
  onTestFinished(() => void unsubscribe('http.server.request.start', listen));
  const socket = connect(port, '127.0.0.1');
  socket.on('connect', () => {
    // Both reach the kernel before this thread can read either.
    socket.write('GET /reset HTTP/1.1\r\nHost: us.test\r\n\r\n');
    socket.resetAndDestroy();
  });
  await expect.poll(() => seen).toContain('/reset');
  expect(await send('GET /after HTTP/1.1')).toContain('/after');
  expect(served).toContain('/after');
  expect(served).not.toContain('/reset');
});
