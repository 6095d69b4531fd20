import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, it } from 'vitest';
import type { LoadResult } from './load';
import { startProcess } from './process';

const server = createServer((_, response) => response.end()).listen(0, '127.0.0.1');
await once(server, 'listening');
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const load = await startProcess('load.ts');
afterAll(async () => {
  await load.stop();
  server.close();
});

it('sends one request on each connection, however short the time', async () => {
  const found = (await load.ask({ url, method: 'GET', connections: 3, seconds: 0 })) as LoadResult;
  expect(found).toMatchObject({ statuses: { 200: 3 } });
  expect(found.latencies).toHaveLength(3);
});

it('sends no more requests than asked', async () => {
  const task = { url, method: 'GET', connections: 3, seconds: 60, most: 2 };
  expect(await load.ask(task)).toMatchObject({ statuses: { 200: 2 } });
});
