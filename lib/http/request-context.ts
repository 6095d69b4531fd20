import { randomUUID } from 'node:crypto';
import type { RequestOrigin } from '../audit/event';
import { getConfig } from '../config';
import { Problem } from '../problem';
import { clientIp } from './client-ip';

/** What every handler knows about its request. */
export type RequestContext = RequestOrigin & { clientIp: string };

/** Set by `instrumentation.ts` on every request, over whatever the client sent. */
export const REQUEST_ID_HEADER = 'x-request-id';

/** The id that `instrumentation.ts` gave the request; where it does not run, in tests, a fresh one. */
export function requestIdOf(request: { headers: Pick<Headers, 'get'> }): string {
  const stamped = request.headers.get(REQUEST_ID_HEADER);
  return stamped ?? randomUUID();
}

/**
 * @param request anything with headers: a request, or `{headers: await headers()}` in a server component
 * @throws {Problem} `internal` when the client's address is unknown: without it nothing can be limited or audited
 */
export function requestContext(request: { headers: Pick<Headers, 'get'> }): RequestContext {
  const ip = clientIp(request.headers.get('x-forwarded-for'), getConfig().trustedProxyHops);
  if (ip === null) throw new Problem('internal', 'The address of the client is unknown.');
  return {
    requestId: requestIdOf(request),
    clientIp: ip,
    userAgent: request.headers.get('user-agent'),
  };
}
