import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, expect, it, vi } from 'vitest';
import { testEnvironment } from '../auth/test-fixtures';
import { getConfig } from '../config';
import { applyPageStatus, setPageStatus } from './page-status';
import { stampRequests } from './stamp-requests';

for (const [name, value] of Object.entries(testEnvironment('postgresql://nobody@127.0.0.1:1/none')))
  vi.stubEnv(name, value);
getConfig();
stampRequests({ strictTransportSecurity: null });
applyPageStatus();

/** Sets the status as a page does, with `?late` only after its first bytes. */
const server = createServer((request, response) => {
  if (request.url?.endsWith('?late')) response.write('first ');
  setPageStatus(String(request.headers['x-request-id']), 404);
  response.end('page');
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as AddressInfo;
afterAll(() => {
  server.close();
});

it.each([
  ['sets the status of a workspace’s document', '/w/acme/x', {}, 404],
  ['sets the status of the operator’s page', '/operator', {}, 404],
  ['sets it whatever the query is', '/operator?workspace=x', {}, 404],
  ['takes only the value 1 for a client navigation, as Next does', '/w/acme/x', { rsc: '0' }, 404],
  ['leaves data of a client navigation alone', '/w/acme/x', { rsc: '1' }, 200],
  ['leaves other pages alone', '/trust', {}, 200],
  ['leaves a page alone whose address only begins alike', '/operators', {}, 200],
  ['ignores a status that comes after the headers', '/w/acme/x?late', {}, 200],
])('%s', async (_, path, headers, status) => {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers });
  expect(await response.text()).toMatch(/page$/);
  expect(response.status).toBe(status);
});

it('sets the same status for HEAD as for GET', async () => {
  const { status } = await fetch(`http://127.0.0.1:${port}/w/acme/x`, { method: 'HEAD' });
  expect(status).toBe(404);
});

it('forgets pipelined requests when their connection closes before their turn', async () => {
  const begun: ServerResponse[] = [];
  const silent = createServer((_, response) => {
    begun.push(response);
    if (begun.length === 2) silent.emit('both begun');
  });
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const closed = once(silent, 'connection').then(([socket]) => once(socket, 'close'));
  const bothBegun = once(silent, 'both begun');
  const client = connect((silent.address() as AddressInfo).port, '127.0.0.1');
  client.write('GET /w/acme/x HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(2));
  await bothBegun;
  client.destroy();
  await closed;
  for (const { req } of begun) setPageStatus(String(req.headers['x-request-id']), 404);
  expect(begun.map(({ statusCode }) => statusCode)).toEqual([200, 200]);
  silent.close();
});

it('ignores a request that has ended or never was', () => {
  expect(() => setPageStatus('no-such-request', 404)).not.toThrow();
});
