import { afterEach, expect, it, vi } from 'vitest';
import { testEnvironment } from '../auth/test-fixtures';
import { browserCookie, createBrowserKey, readBrowserKey } from './browser-route';

function at(publicUrl: string): void {
  vi.resetModules();
  for (const [name, value] of Object.entries({
    ...testEnvironment('postgresql://nobody@127.0.0.1:1/none'),
    NEXTAUTH_URL: publicUrl,
  }))
    vi.stubEnv(name, value);
}

afterEach(() => vi.unstubAllEnvs());

it('sets and reads the browser’s key only under a cookie name that no sibling subdomain can plant', async () => {
  at('https://app.example');
  const cookie = await import('./browser-route');
  const key = cookie.createBrowserKey();
  expect(cookie.browserCookie(key)).toBe(
    `__Host-pulsestream.browser=${key}; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax; Secure`,
  );
  expect(cookie.readBrowserKey([{ name: '__Host-pulsestream.browser', value: key }])).toBe(key);
  for (const name of ['pulsestream.browser', '__Secure-pulsestream.browser'])
    expect(cookie.readBrowserKey([{ name, value: key }])).toBeNull();
});

it('creates keys of 256 random bits, and ignores any other value', () => {
  at('http://localhost:3000');
  const key = createBrowserKey();
  expect(createBrowserKey()).not.toBe(key);
  expect(Buffer.from(key, 'base64url')).toHaveLength(32);
  expect(browserCookie(key)).toMatch(/^pulsestream\.browser=/);
  for (const value of ['', 'x', `${key}x`, `${key.slice(0, -1)};`])
    expect(readBrowserKey([{ name: 'pulsestream.browser', value }])).toBeNull();
});
