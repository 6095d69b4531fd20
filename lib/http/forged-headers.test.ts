/**
 * Checks, over a real HTTP server, that a client can't pose as several clients by forging headers (F9 in
 * docs/faults.md).
 *
 * This test fails if `stampRequests` doesn't append the socket's address, or if `clientIp` reads the first entry.
 */
import { Agent, createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, it, vi } from 'vitest';
import { testEnvironment } from '../auth/test-fixtures';
import { getConfig } from '../config';
import { enforceRateLimit, RateLimited } from '../rate-limit/limiter';
import { stampRequests } from '../server/stamp-requests';
import { requestContext } from './request';

for (const [name, value] of Object.entries(testEnvironment('postgresql://nobody@127.0.0.1:1/none')))
  vi.stubEnv(name, value);
getConfig();
stampRequests({ strictTransportSecurity: null });

const server = createServer(async (request, response) => {
  const headers = new Headers(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
  try {
    const context = requestContext({ headers });
    await enforceRateLimit('mint_internal', context);
    response.writeHead(200).end(context.clientIp);
  } catch (error) {
    response.writeHead(error instanceof RateLimited ? 429 : 500).end();
  }
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as AddressInfo;
const agent = new Agent({ keepAlive: true, maxSockets: 10 });
afterAll(() => {
  agent.destroy();
  server.close();
});

function ask(
  headers: Record<string, string | string[]>,
): Promise<{ status: number | undefined; text: string }> {
  return new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1', headers, agent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode, text }));
    }).on('error', reject);
  });
}

const FORGERIES: ((n: number) => Record<string, string | string[]>)[] = [
  (n) => ({ 'x-forwarded-for': `10.0.${n >> 8}.${n & 255}` }),
  (n) => ({ 'x-forwarded-for': [`10.1.${n >> 8}.${n & 255}`, '203.0.113.1'] }),
  (n) => ({ 'x-forwarded-for': `2001:db8:${n.toString(16)}::1, unknown, "` }),
  (n) => ({ 'x-real-ip': `10.2.${n >> 8}.${n & 255}`, 'x-client-ip': `10.3.0.${n & 255}` }),
  (n) => ({
    forwarded: `for=10.4.${n >> 8}.${n & 255};proto=https`,
    'cf-connecting-ip': `10.5.0.${n & 255}`,
  }),
  (n) => ({ 'true-client-ip': `10.6.0.${n & 255}`, 'x-forwarded-for': ',,,' }),
];

it('counts a client that forges 1,000 values as one client, with one client’s limit', async () => {
  const answers = await Promise.all(
    Array.from({ length: 1000 }, (_, n) => ask(FORGERIES[n % FORGERIES.length]?.(n) ?? {})),
  );
  const passed = answers.filter(({ status }) => status === 200);
  expect(passed).toHaveLength(30);
  expect(new Set(passed.map(({ text }) => text))).toEqual(new Set(['127.0.0.1']));
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(970);
});
