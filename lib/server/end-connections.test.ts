/**
 * Closes a server while it has various kinds of connections that could keep it open. Only the app's timers are fake.
 */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { finishBeforeExit } from '../background';
import { endConnections } from './end-connections';

const GRACE_MS = 500;
const REQUEST_TIMEOUT_MS = 60_000;
/** More than the buffers of two kernels and of Node. */
const LARGE = 64 * 2 ** 20;
const GET = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';

endConnections();
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

async function startServer() {
  const responses: ServerResponse[] = [];
  const server = createServer((_, response) => void responses.push(response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const open = async (): Promise<Socket> => {
    const accepted = once(server, 'connection');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    await accepted;
    return socket;
  };
  /** Sends a request and waits until the server has received it. */
  const ask = async (socket: Socket, text = GET): Promise<ServerResponse> => {
    const arrived = once(server, 'request');
    socket.write(text);
    await arrived;
    return responses.at(-1) as ServerResponse;
  };
  /** Begins to close the server, up to the end of listening. */
  const close = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    while (server.listening) await setImmediate();
    return { closed };
  };
  return { server, open, ask, close };
}

/** Lets the grace period pass, and the turns of the event loop that the server then waits for. */
async function passGrace(): Promise<void> {
  vi.advanceTimersByTime(GRACE_MS);
  for (let turn = 0; turn < 10; turn++) await setImmediate();
}

/** Returns everything the peer sends until it closes the connection. */
async function readAll(socket: Socket): Promise<string> {
  let text = '';
  for await (const chunk of socket.setEncoding('utf8')) text += chunk;
  return text;
}

it('keeps an idle connection open longer than a proxy, which closes it after a minute', async () => {
  const { server, open, ask, close } = await startServer();
  const socket = await open();
  const [answer] = await Promise.all([once(socket, 'data'), ask(socket).then((response) => response.end())]);
  expect(String(answer)).toContain('Keep-Alive: timeout=75');
  expect(server.keepAliveTimeout).toBe(75_000);
  const { closed } = await close();
  vi.advanceTimersByTime(GRACE_MS);
  await closed;
});

it('answers a request that arrives on an idle connection during shutdown, and then closes the connection', async () => {
  const { open, ask, close } = await startServer();
  const socket = await open();
  await Promise.all([once(socket, 'data'), ask(socket).then((response) => response.end())]);
  const { closed } = await close();
  const rest = readAll(socket);
  (await ask(socket)).end('late');
  expect(await rest).toMatch(/^HTTP\/1.1 200 OK\r\nconnection: close\r\n[\s\S]*late/i);
  await closed;
});

it('closes an idle connection, and a connection that never sent anything', async () => {
  const { open, ask, close } = await startServer();
  const idle = await open();
  await Promise.all([once(idle, 'data'), ask(idle).then((response) => response.end())]);
  await open();
  const { closed } = await close();
  vi.advanceTimersByTime(GRACE_MS);
  await closed;
});

it('closes a connection that becomes idle during shutdown, after its complete response', async () => {
  const { open, ask, close } = await startServer();
  const [begun, waiting] = [await open(), await open()];
  const streamed = await ask(begun);
  streamed.write('first, ');
  const held = await ask(waiting);
  const { closed } = await close();
  vi.advanceTimersByTime(GRACE_MS);
  const received = Promise.all([readAll(begun), readAll(waiting)]);
  streamed.end('last');
  held.end('whole');
  const [ofBegun, ofWaiting] = await received;
  expect(ofBegun).toMatch(/first, [\s\S]*last/);
  expect(ofWaiting).toMatch(/connection: close[\s\S]*whole/i);
  await closed;
});

it('answers all requests on a connection that sent several before shutdown', async () => {
  const { open, ask, close } = await startServer();
  const socket = await open();
  const first = await ask(socket);
  first.write('one');
  const second = await ask(socket);
  const { closed } = await close();
  const received = readAll(socket);
  first.end();
  await once(first, 'close');
  second.end('two');
  expect(await received).toMatch(/one[\s\S]*two/);
  await closed;
});

it('answers all requests on a connection that sent several, none of them answered before shutdown', async () => {
  const { open, ask, close } = await startServer();
  const socket = await open();
  const first = await ask(socket);
  const second = await ask(socket);
  const { closed } = await close();
  const third = await ask(socket);
  const received = readAll(socket);
  first.end('one');
  second.end('two');
  third.end('three');
  const text = await received;
  expect(text).toMatch(/one[\s\S]*two[\s\S]*three/);
  expect(text.match(/connection: close/gi)).toHaveLength(1);
  await closed;
});

it('answers the second of two requests on a connection although the first is answered after the grace period', async () => {
  const { open, ask, close } = await startServer();
  const socket = await open();
  const first = await ask(socket);
  const second = await ask(socket);
  const { closed } = await close();
  const received = readAll(socket);
  await passGrace();
  first.end('one');
  await once(first, 'close');
  await passGrace();
  second.end('two');
  expect(await received).toMatch(/one[\s\S]*two/);
  await closed;
});

it.each([
  ['that has a connection', 1],
  ['that never had a connection', 0],
])('closes a server %s only after the work in the background has ended', async (_, connections) => {
  const { open, close } = await startServer();
  if (connections > 0) await open();
  let finish = () => {};
  finishBeforeExit(new Promise<void>((resolve) => (finish = resolve)));
  const { closed } = await close();
  let isClosed = false;
  closed.then(() => {
    isClosed = true;
  });
  await passGrace();
  const wasClosed = isClosed;
  finish();
  await closed;
  expect(wasClosed).toBe(false);
});

it('answers a request that follows a response begun before shutdown, which did not announce the end', async () => {
  const { open, ask, close } = await startServer();
  const socket = await open();
  const begun = await ask(socket);
  begun.write('one');
  const { closed } = await close();
  const received = readAll(socket);
  begun.end();
  await once(begun, 'close');
  (await ask(socket)).end('two');
  expect(await received).toMatch(/one[\s\S]*connection: close[\s\S]*two/i);
  await closed;
});

it('sends a whole response to a client that reads it only after the grace period', async () => {
  const { open, ask, close } = await startServer();
  const socket = await open();
  const response = await ask(socket);
  response.end(Buffer.alloc(LARGE, 'x'));
  const { closed } = await close();
  expect(response.writableFinished).toBe(false);
  await passGrace();
  expect((await readAll(socket)).length).toBeGreaterThan(LARGE);
  await closed;
});

it.each([
  ['the head of the next request', GET, 'GET / HTTP/1.1\r\nHost: '],
  [
    'the body of an answered request',
    'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n',
    'half',
  ],
])(
  'closes a kept connection after the request timeout if %s did not arrive completely',
  async (_, text, more) => {
    const { server, open, ask, close } = await startServer();
    const accepting = once(server, 'connection') as Promise<[Socket]>;
    const socket = await open();
    const [accepted] = await accepting;
    await Promise.all([once(socket, 'data'), ask(socket, text).then((response) => response.end())]);
    socket.resume().write(more);
    while (accepted.bytesRead < text.length + more.length) await setImmediate();
    const { closed } = await close();
    await passGrace();
    vi.advanceTimersByTime(REQUEST_TIMEOUT_MS - GRACE_MS - 1);
    expect(accepted.destroyed).toBe(false);
    vi.advanceTimersByTime(1);
    await closed;
  },
);

it.each([
  ['body', 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nhalf'],
  ['headers', 'GET / HTTP/1.1\r\nHost: '],
])('closes a connection after the request timeout if the %s did not arrive completely', async (_, text) => {
  const { server, open, close } = await startServer();
  const accepting = once(server, 'connection') as Promise<[Socket]>;
  const socket = await open();
  const [accepted] = await accepting;
  socket.write(text);
  while (accepted.bytesRead < text.length) await setImmediate();
  const { closed } = await close();
  await passGrace();
  vi.advanceTimersByTime(REQUEST_TIMEOUT_MS - GRACE_MS - 1);
  expect(accepted.destroyed).toBe(false);
  vi.advanceTimersByTime(1);
  await closed;
});

it('answers a request that arrived completely, however long the response takes', async () => {
  const { open, ask, close } = await startServer();
  const socket = await open();
  const response = await ask(socket);
  const { closed } = await close();
  vi.advanceTimersByTime(REQUEST_TIMEOUT_MS);
  const received = readAll(socket);
  response.end('at last');
  expect(await received).toContain('at last');
  await closed;
});

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

it.each([
  ['sends nothing', ''],
  ['waits for its response', GET],
])('forgets a connection whose client %s and disconnects', async (_, text) => {
  let isRead = text === '';
  const server = createServer(() => {
    isRead = true;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const connections: WeakRef<Socket>[] = [];
  let isClosed = false;
  server.on('connection', (connection) => {
    connections.push(new WeakRef(connection));
    connection.once('close', () => {
      isClosed = true;
    });
  });
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.write(text);
  await expect.poll(() => connections.length === 1 && isRead).toBe(true);
  client.destroy();
  await expect.poll(() => isClosed).toBe(true);
  const isRemembered = async () => {
    await setImmediate();
    collectGarbage();
    return connections[0]?.deref() !== undefined;
  };
  await expect.poll(isRemembered).toBe(false);
  server.close();
});

it('forgets pipelined requests whose client disconnects before their turn', async () => {
  const responses: WeakRef<ServerResponse>[] = [];
  const server = createServer((_, response) => void responses.push(new WeakRef(response)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  let isClosed = false;
  // Keep no reference to the connection, because it refers to its responses.
  server.once('connection', (connection) => {
    connection.once('close', () => {
      isClosed = true;
    });
  });
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.write(GET.repeat(3));
  await expect.poll(() => responses.length).toBe(3);
  client.destroy();
  await expect.poll(() => isClosed).toBe(true);
  const remembered = async () => {
    await setImmediate();
    collectGarbage();
    return responses.filter((response) => response.deref() !== undefined).length;
  };
  await expect.poll(remembered).toBe(0);
  server.close();
});
