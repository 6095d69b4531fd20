/**
 * Stops a server whose kernel already holds a connection or a request that Node has not read. A worker sends them while
 * this thread is blocked, so no run depends on luck.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { DRAIN_MS, drain, forgetDrain, isStopping, noteProbe } from './drain';
import { endConnections } from './end-connections';

const GRACE_MS = 500;

endConnections();
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
  forgetDrain();
});

/** Sends a request when told, tells when the kernel has it, and finally posts everything it received. */
const CLIENT = `
  const { parentPort, workerData: { port, flags, isKept } } = require('node:worker_threads');
  const turn = new Int32Array(flags);
  const GET = 'GET / HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n';
  const { connect } = require('node:net');
  let received = '';
  const send = () => {
    parentPort.postMessage('ready');
    Atomics.wait(turn, 0, 0);
    const written = () => { Atomics.store(turn, 1, 1); Atomics.notify(turn, 1); };
    if (isKept) socket.write(GET, written);
    else open().write(GET, written);
  };
  const open = () => {
    socket = connect(port, '127.0.0.1');
    socket.on('data', (data) => {
      received += data;
      if (!isKept || isSent || !received.endsWith('whole')) return;
      isSent = true;
      received = '';
      send();
    });
    socket.on('error', (error) => { received += error.code; });
    socket.on('close', () => parentPort.postMessage(received));
    return socket;
  };
  let socket, isSent = false;
  if (isKept) open().write(GET);
  else send();
`;

/** Starts a server and a client in another thread. The client waits until `sendNow` is called. */
async function startBoth(isKept: boolean) {
  const server = createServer((_, response) => response.end('whole'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const flags = new SharedArrayBuffer(8);
  const client = new Worker(CLIENT, { eval: true, workerData: { port, flags, isKept } });
  await once(client, 'message');
  const received = once(client, 'message').then(([text]) => text as string);
  /** Blocks this thread until the kernel has the request. */
  const sendNow = () => {
    const turn = new Int32Array(flags);
    Atomics.store(turn, 0, 1);
    Atomics.notify(turn, 0);
    Atomics.wait(turn, 1, 0);
  };
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { server, received, sendNow, close };
}

const ANSWERED = /^HTTP\/1.1 200 OK\r\nconnection: close\r\n[\s\S]*whole$/i;

it('answers a request on a connection that the kernel accepted before the process stopped listening', async () => {
  const { received, sendNow, close } = await startBoth(false);
  sendNow();
  const closed = close();
  expect(await received).toMatch(ANSWERED);
  await closed;
});

it('answers a request that the kernel received before the process closed the idle connection', async () => {
  const { server, received, sendNow, close } = await startBoth(true);
  const closed = close();
  while (server.listening) await setImmediate();
  sendNow();
  vi.advanceTimersByTime(GRACE_MS);
  expect(await received).toMatch(ANSWERED);
  await closed;
});

it('keeps accepting requests until whatever watches readiness has seen it fail', async () => {
  const { server, received, sendNow, close } = await startBoth(false);
  noteProbe();
  noteProbe();
  const closed = close();
  expect(isStopping()).toBe(true);
  vi.advanceTimersByTime(DRAIN_MS - 1);
  sendNow();
  expect(await received).toMatch(ANSWERED);
  expect(server.listening).toBe(true);
  vi.advanceTimersByTime(1);
  while (server.listening) await setImmediate();
  vi.advanceTimersByTime(GRACE_MS);
  await closed;
});

it.each([0, 1])('does not wait for a watcher after %i probes', async (probes) => {
  for (let n = 0; n < probes; n++) noteProbe();
  await drain();
  expect(isStopping()).toBe(true);
});

it('does not wait for a watcher that has not probed for a minute', async () => {
  const now = performance.now();
  noteProbe();
  noteProbe();
  vi.spyOn(performance, 'now').mockReturnValue(now + 61_000);
  await drain();
  vi.restoreAllMocks();
});
