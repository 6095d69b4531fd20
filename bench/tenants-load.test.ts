import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, it } from 'vitest';
import { startProcess } from './process';
import type { TenantsResult } from './tenants-load';

const server = createServer((_, response) => response.end()).listen(0, '127.0.0.1');
await once(server, 'listening');
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const load = await startProcess('tenants-load.ts');
afterAll(async () => {
  await load.stop();
  server.close();
});

it('lets each connection of each tenant mint once, however short the time', async () => {
  const tenants = [
    { apiKey: 'one', connections: 1 },
    { apiKey: 'three', connections: 3 },
  ];
  // Less than nothing, so that the time is over at the first look on any machine.
  const found = (await load.ask({ urls: [url], tenants, seconds: -1 })) as TenantsResult;
  expect(found.tenants).toMatchObject([{ statuses: { 200: 1 } }, { statuses: { 200: 3 } }]);
});
