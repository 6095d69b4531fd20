import type { LimitDecision } from './limiter';

/**
 * `RateLimit-Policy` and `RateLimit` as in draft-ietf-httpapi-ratelimit-headers (structured fields: `q` quota,
 * `w` window in seconds, `r` remaining, `t` seconds until a place becomes free), and for a refused request
 * `Retry-After` in whole seconds, rounded up (RFC 9110 §10.2.3).
 */
export function rateLimitHeaders(policy: string, decision: LimitDecision): Record<string, string> {
  const { limit, windowSeconds, remaining, resetMs, retryAfterSeconds, allowed } = decision;
  return {
    'RateLimit-Policy': `"${policy}";q=${limit};w=${windowSeconds}`,
    RateLimit: `"${policy}";r=${remaining};t=${Math.ceil(resetMs / 1000)}`,
    ...(allowed ? {} : { 'Retry-After': String(retryAfterSeconds) }),
  };
}
