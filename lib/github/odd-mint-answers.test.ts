import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { forgetGitHub } from './client';
import { startTestGitHub } from './test-github';
import { createInstallationToken } from './tokens';

const TOKEN = `ghs_${'a'.repeat(36)}`;
const WHOLE = JSON.stringify({
  token: TOKEN,
  expires_at: '2099-01-01T00:00:00Z',
  permissions: { metadata: 'read' },
});

/** Prepared response to a mint. */
let status = 201;
let type = 'application/json';
/** Compresses responses unless the request forbids it, which HTTP allows (RFC 9110, 12.5.3). */
let isCompressing = false;
let asked = 0;
const server = createServer(({ headers }, response) => {
  asked++;
  const isCompressed = isCompressing && headers['accept-encoding'] !== 'identity';
  response.writeHead(status, {
    'content-type': type,
    'retry-after': '17',
    ...(isCompressed ? { 'content-encoding': 'gzip' } : {}),
  });
  response.end(isCompressed ? gzipSync(WHOLE) : WHOLE);
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
await startTestGitHub(() => ({ GITHUB_API_URL: url, GITHUB_WEB_URL: url }));

beforeEach(() => {
  forgetGitHub();
  [status, type, isCompressing, asked] = [201, 'application/json', false, 0];
});

const mint = () => createInstallationToken(1, { permissions: { metadata: 'read' } });

describe('a response to a mint that is neither JSON nor text', () => {
  it.each([
    [201, { reason: 'unreadable_answer', status: 201 }],
    [403, { reason: 'rate_limited', status: 403, retryAfterSeconds: 17 }],
    [429, { reason: 'rate_limited', status: 429, retryAfterSeconds: 17 }],
    [502, { reason: 'github_unavailable', status: 502, retryAfterSeconds: 17 }],
  ])('is reported by its status %i and headers', async (given, expected) => {
    for (type of ['application/octet-stream', 'application/problem+json']) {
      forgetGitHub();
      status = given;
      await expect(mint()).rejects.toMatchObject(expected);
    }
    expect(asked).toBe(2);
  });
});

it('reads the token from a server that compresses whatever a request does not forbid', async () => {
  isCompressing = true;
  expect((await mint()).token).toBe(TOKEN);
});
