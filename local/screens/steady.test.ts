import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { steady } from './steady';

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-29T16:20:31Z') });
});
afterEach(() => {
  vi.useRealTimers();
});

const HASH = `${'aZ0+/'.repeat(8)}abc=`;

it('returns the same text for dates, ids and ports of two runs', () => {
  const today = new Date().toISOString();
  const run = (id: string, port: number) =>
    `${today.slice(0, 10)} ${today.slice(11, 19)} UTC, ${port % 7} minutes ago, ${id}, psk_demo_${id.slice(0, 4)}, ` +
    `${id.replaceAll('-', '')}, localhost:${port}`;
  expect(steady(run('0b7cf6a0-5a1e-4a63-9d3f-0f6f6b1d2c11', 3400))).toBe(
    steady(run('94f0a1c2-7b6d-4e5f-8a9b-1c2d3e4f5a6b', 3412)),
  );
  expect(steady(`head ${HASH}`)).toBe('head q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=');
});

it('keeps the distance of a date from today, and leaves words unchanged', () => {
  expect(steady('expires 2026-12-01')).toBe('expires 2026-01-17');
  expect(steady('acme/api, 40 days ago, 12 repositories')).toBe('acme/api, 40 days ago, 12 repositories');
});
