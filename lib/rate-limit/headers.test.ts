import { expect, test } from 'vitest';
import { rateLimitHeaders } from './limiter';

const decision = { limit: 20, windowSeconds: 60, degraded: false };

test('an allowed request gets its quota, the remaining requests and the time of the next slot', () => {
  expect(
    rateLimitHeaders('mint_user', {
      ...decision,
      allowed: true,
      remaining: 3,
      resetMs: 11_200,
      retryAfterSeconds: 12,
    }),
  ).toEqual({ 'RateLimit-Policy': '"mint_user";q=20;w=60', RateLimit: '"mint_user";r=3;t=12' });
});

test('a refused request gets a wait in whole seconds, rounded up', () => {
  expect(
    rateLimitHeaders('mint_user', {
      ...decision,
      allowed: false,
      remaining: 0,
      resetMs: 1,
      retryAfterSeconds: 1,
    }),
  ).toMatchObject({ 'Retry-After': '1', RateLimit: '"mint_user";r=0;t=1' });
});
