import { describe, expect, it, vi } from 'vitest';
import { testEnvironment } from '../auth/test-fixtures';
import { getConfig } from '../config';
import { assertSameOrigin } from './same-origin';

for (const [name, value] of Object.entries(testEnvironment('postgresql://nobody@127.0.0.1:1/none')))
  vi.stubEnv(name, value);
getConfig();

const OURS = 'http://localhost:3000';

function isRefused(method: string, headers: Record<string, string>): boolean {
  try {
    assertSameOrigin(new Request(`${OURS}/api/v1/x`, { method, headers }));
    return false;
  } catch (error) {
    expect(error).toMatchObject({ code: 'forbidden' });
    return true;
  }
}

describe('a request with a cookie, whether it reads or changes something,', () => {
  it.each<[string, Record<string, string>]>([
    ['another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
    [
      'another host of our own site',
      { 'sec-fetch-site': 'same-site', origin: 'http://other.localhost:3000' },
    ],
    ['another port', { origin: 'http://localhost:3001' }],
    ['another scheme', { origin: 'https://localhost:3000' }],
    ['another site, by a browser that sends only Sec-Fetch-Site', { 'sec-fetch-site': 'cross-site' }],
    ['a sandboxed frame', { 'sec-fetch-site': 'cross-site', origin: 'null' }],
    ['a page without an origin, over plain http', { origin: 'null' }],
    ['another site whose address starts with ours', { origin: `${OURS}.evil.example` }],
    ['an unknown kind of site', { 'sec-fetch-site': 'something new', origin: OURS }],
  ])('is rejected from %s', (_, headers) => {
    for (const method of ['GET', 'HEAD', 'POST', 'PATCH', 'PUT', 'DELETE'])
      expect(isRefused(method, headers)).toBe(true);
  });

  it.each<[string, Record<string, string>]>([
    ['our own pages', { 'sec-fetch-site': 'same-origin', origin: OURS }],
    ['our own pages, over plain http', { origin: OURS }],
    ['the address bar', { 'sec-fetch-site': 'none' }],
    ['a program, which sends only its own cookies', {}],
  ])('is accepted from %s', (_, headers) => {
    for (const method of ['GET', 'POST']) expect(isRefused(method, headers)).toBe(false);
  });
});
