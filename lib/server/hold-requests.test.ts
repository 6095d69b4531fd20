/** Starts to listen before the app's code is loaded, as Next does. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { finishBeforeExit } from '../background';
import { endConnections } from './end-connections';
import './hold-requests.mjs';

it('makes a server wait for background work although it listened before the app loaded and never had a connection', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  endConnections();
  const order: string[] = [];
  const work = async () => {
    await once(server, 'close');
    for (let turn = 0; turn < 10; turn++) await setImmediate();
    order.push('work ended');
  };
  finishBeforeExit(work());
  await new Promise<void>((resolve) => server.close(() => resolve()));
  order.push('closed');
  expect(order).toEqual(['work ended', 'closed']);
});
