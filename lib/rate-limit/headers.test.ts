import { expect, test } from 'vitest';
import { rateLimitHeaders } from './limiter';

const decision = { limit: 20, windowSeconds: 60, degraded: false };

test('an allowed request learns its quota, what remains and when the next slot is free', () => {
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

test('a refused one is told to wait whole seconds, never too few', () => {
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
