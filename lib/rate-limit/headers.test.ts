import { expect, test } from 'vitest';
import { rateLimitHeaders } from './limiter';

const decision = { limit: 20, windowSeconds: 60, degraded: false };

test('an allowed request is told its quota, the remaining requests and when the next slot becomes free', () => {
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

test('a rejected request is told how many whole seconds to wait, rounded up', () => {
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
