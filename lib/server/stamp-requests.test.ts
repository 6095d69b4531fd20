/** Tests requests that Next forwards to itself, for example when an action is posted to a page that doesn't have it. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, it, vi } from 'vitest';
import { testEnvironment } from '../auth/test-fixtures';
import { getConfig } from '../config';
import { requestContext } from '../http/request';
import { stampRequests } from './stamp-requests';

const environment = testEnvironment('postgresql://nobody@127.0.0.1:1/none');
for (const [name, value] of Object.entries({ ...environment, TRUSTED_PROXY_HOPS: '1' }))
  vi.stubEnv(name, value);
getConfig();
stampRequests({ strictTransportSecurity: 'max-age=1' });

const CLIENT = '198.51.100.7';

/**
 * `/there` forwards a request to `/here` together with its headers, as Next does. `/here` returns the request's context
 * as seen on arrival.
 */
const server = createServer(async (request, response) => {
  const { connection: _, ...sent } = request.headers;
  const headers = new Headers(Object.entries(sent).map(([name, value]) => [name, String(value)]));
  if (request.url === '/there')
    response.end(await (await fetch(`http://127.0.0.1:${port}/here`, { headers })).text());
  else response.end(JSON.stringify(requestContext({ headers })));
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as AddressInfo;
afterAll(() => {
  server.close();
});

const ask = async (path: string, headers: Record<string, string> = {}) => {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    headers: { 'x-forwarded-for': CLIENT, ...headers },
  });
  return { context: await response.json(), headers: response.headers };
};

it('keeps the client address and the id of a request that Next forwards to itself', async () => {
  const { context, headers } = await ask('/there');
  expect(context).toMatchObject({ clientIp: CLIENT, requestId: headers.get('x-request-id') });
});

it.each(['', 'x', 'x'.repeat(43), '1'])('ignores a client that pretends to be Next: %j', async (guess) => {
  const { context, headers } = await ask('/here', {
    'x-pulsestream-stamp': guess,
    'x-forwarded-for': `203.0.113.1, ${CLIENT}`,
    'x-request-id': 'mine',
  });
  expect(context).toMatchObject({ clientIp: CLIENT, requestId: headers.get('x-request-id') });
  expect(context.requestId).not.toBe('mine');
  expect([...headers.keys()]).not.toContain('x-pulsestream-stamp');
});

it('sets HSTS on every response', async () => {
  expect((await ask('/here')).headers.get('strict-transport-security')).toBe('max-age=1');
});

it('gives a request one minute to arrive', async () => {
  await ask('/here');
  expect(server.requestTimeout).toBe(60_000);
});
