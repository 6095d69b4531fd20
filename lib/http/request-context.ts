import { randomUUID } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import type { RequestOrigin } from '../audit/event';
import { getConfig } from '../config';
import { Problem } from '../problem';

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

/**
 * The client's address: the entry `trustedProxyHops` from the right of `X-Forwarded-For`. The last entry is always
 * the peer of the socket, appended by `lib/server/stamp-requests.ts`, so whatever a client writes stands further left
 * and is never read (C14). Where a proxy wrote no address, or too few of them wrote, it is that peer: nobody can choose
 * it, and all whom it stands for share one limit.
 *
 * @param trustedProxyHops proxies in front that append to the header themselves
 * @returns a canonical IPv4 or IPv6 address; `null` only if the socket has none, because it is closed
 */
export function clientIp(forwardedFor: string | null, trustedProxyHops: number): string | null {
  const entries = (forwardedFor ?? '').split(',').map((entry) => entry.trim());
  const asConfigured = normaliseIp(entries.at(-1 - trustedProxyHops) ?? '');
  return asConfigured ?? normaliseIp(entries.at(-1) ?? '');
}

/** `::ffff:192.0.2.1` is `192.0.2.1`; a zone index and a port are dropped; IPv6 is written as RFC 5952 says. */
export function normaliseIp(text: string): string | null {
  // Some proxies append the port: `192.0.2.1:443`, `[2001:db8::1]:443`.
  const bare = /^\[(.*)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
  const address = bare.split('%')[0] ?? '';
  return ipaddr.isValid(address) ? ipaddr.process(address).toString() : null;
}
