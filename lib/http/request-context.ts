import { randomUUID } from 'node:crypto';
import type { RequestOrigin } from '../audit/event';
import { getConfig } from '../config';
import { Problem } from '../problem';
import { clientIp } from './client-ip';

/** What every handler knows about its request. */
export type RequestContext = RequestOrigin & { clientIp: string };

/** Set by `instrumentation.ts` on every request, over whatever the client sent. */
export const REQUEST_ID_HEADER = 'x-request-id';

/**
 * @param request anything with headers: a request, or `{headers: await headers()}` in a server component
 * @throws {Problem} `internal` when the client's address is unknown: without it nothing can be limited or audited
 */
export function requestContext(request: { headers: Pick<Headers, 'get'> }): RequestContext {
  const ip = clientIp(request.headers.get('x-forwarded-for'), getConfig().trustedProxyHops);
  if (ip === null) throw new Problem('internal', 'The address of the client is unknown.');
  return {
    requestId: request.headers.get(REQUEST_ID_HEADER) ?? randomUUID(),
    clientIp: ip,
    userAgent: request.headers.get('user-agent'),
  };
}
