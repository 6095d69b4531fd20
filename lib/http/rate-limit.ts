import { metrics } from '../observability/metrics';
import { Problem } from '../problem';
import { rateLimitHeaders } from '../rate-limit/headers';
import type { PolicyName, WorkspacePolicyName } from '../rate-limit/policies';
import { getLimiter } from '../rate-limit/process-limiter';
import { rateLimitKey } from './client-ip';
import type { RequestContext } from './request-context';

/** A `rate_limited` problem with the headers that every limited answer carries. */
export class RateLimited extends Problem {
  constructor(
    readonly headers: Record<string, string>,
    retryAfterSeconds: number,
    what = 'Too many requests from this address.',
  ) {
    super('rate_limited', `${what} Try again in ${retryAfterSeconds} s.`, { retryAfterSeconds });
  }
}

/**
 * Counts this request against its client's limit.
 *
 * @returns `RateLimit-Policy` and `RateLimit` for the answer
 * @throws {RateLimited}
 */
export function enforceRateLimit(
  policy: PolicyName,
  { clientIp }: RequestContext,
): Promise<Record<string, string>> {
  return enforce(policy, rateLimitKey(clientIp));
}

/**
 * Counts work that costs much against whom it is done for, from one address or many. For pages and actions; a route
 * states it in its spec, from which it is published.
 *
 * @param id of a workspace or a user
 * @returns headers as {@link enforceRateLimit}
 * @throws {RateLimited}
 */
export function limitWork(
  policy: WorkspacePolicyName | 'new_workspace',
  id: string,
): Promise<Record<string, string>> {
  return enforce(policy, id, 'That was asked for too often in a short time.');
}

async function enforce(policy: PolicyName, key: string, what?: string): Promise<Record<string, string>> {
  const result = await getLimiter().limit(policy, key);
  const headers = rateLimitHeaders(policy, result);
  if (!result.allowed) {
    metrics.rateLimited.inc({ policy });
    throw new RateLimited(headers, result.retryAfterSeconds, what);
  }
  return headers;
}
