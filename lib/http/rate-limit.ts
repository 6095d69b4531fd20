import { metrics } from '../observability/metrics';
import { Problem } from '../problem';
import { rateLimitHeaders } from '../rate-limit/headers';
import type { PolicyName } from '../rate-limit/policies';
import { getLimiter } from '../rate-limit/process-limiter';
import { rateLimitKey } from './client-ip';
import type { RequestContext } from './request-context';

/** A `rate_limited` problem with the headers that every limited answer carries. */
export class RateLimited extends Problem {
  constructor(
    readonly headers: Record<string, string>,
    retryAfterSeconds: number,
  ) {
    super('rate_limited', `Too many requests from this address. Try again in ${retryAfterSeconds} s.`, {
      retryAfterSeconds,
    });
  }
}

/**
 * Counts this request against its client's limit.
 *
 * @returns `RateLimit-Policy` and `RateLimit` for the answer
 * @throws {RateLimited}
 */
export async function enforceRateLimit(
  policy: PolicyName,
  { clientIp }: RequestContext,
): Promise<Record<string, string>> {
  const result = await getLimiter().limit(policy, rateLimitKey(clientIp));
  const headers = rateLimitHeaders(policy, result);
  if (!result.allowed) {
    metrics.rateLimited.inc({ policy });
    throw new RateLimited(headers, result.retryAfterSeconds);
  }
  return headers;
}
