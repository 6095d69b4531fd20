import { describe, expect, it, test } from 'vitest';
import { rateLimitHeaders, rateLimitKey } from './limiter';

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

describe('rateLimitKey', () => {
  it('counts an IPv6 network of one customer as one client', () => {
    expect(rateLimitKey('2001:db8:1:2:3:4:5:6')).toBe(rateLimitKey('2001:db8:1:2:ffff::1'));
    expect(rateLimitKey('2001:db8:1:2::1')).not.toBe(rateLimitKey('2001:db8:1:3::1'));
  });

  it('counts IPv4 addresses one by one', () => {
    expect(rateLimitKey('192.0.2.1')).not.toBe(rateLimitKey('192.0.2.2'));
  });
});
