/** Reads a request: its id, client, credential, path, query and body. */
import { randomUUID } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import type { RequestOrigin } from '../actor';
import { getConfig } from '../config';
import { Problem } from '../problem';

/** Where a request comes from, for audit events and rate limits. */
export type RequestContext = RequestOrigin & {
  clientIp: string;
  /**
   * The key that rate limits count by: the IPv4 address, or the /64 network of an IPv6 address, because one customer
   * usually has a whole /64.
   */
  network: string;
};

/** `lib/server/stamp-requests.ts` sets this header on every request, replacing any value sent by the client. */
export const REQUEST_ID_HEADER = 'x-request-id';

/** Returns the request's id. Generates one in tests, where requests don't get stamped with an id. */
export function requestIdOf(request: { headers: Pick<Headers, 'get'> }): string {
  return request.headers.get(REQUEST_ID_HEADER) ?? randomUUID();
}

/**
 * Returns the request's context.
 *
 * @param request anything with headers: a request, or `{headers: await headers()}` in a server component
 * @throws {Problem} `internal` if the client's address is unknown, because then the request can be neither rate-limited
 *   nor audited
 */
export function requestContext(request: { headers: Pick<Headers, 'get'> }): RequestContext {
  const ip = clientIp(request.headers.get('x-forwarded-for'), getConfig().trustedProxyHops);
  if (ip === null) throw new Problem('internal', 'The address of the client is unknown.');
  return {
    requestId: requestIdOf(request),
    clientIp: ip,
    network: networkOf(ip),
    userAgent: request.headers.get('user-agent'),
  };
}

/**
 * Returns the client's address from `X-Forwarded-For`. `lib/server/stamp-requests.ts` has appended the socket's peer as
 * the last entry. The client's address is `trustedProxyHops` entries to the left of the peer. Any entries forged by the
 * client are further left and never read.
 *
 * If that entry is missing or isn't an address, returns the peer's address instead. No client can forge it, but all
 * clients behind that peer then share one rate limit.
 *
 * @param trustedProxyHops the number of proxies in front of the app that append to the header
 * @returns a canonical IPv4 or IPv6 address; `null` only if the socket has none, because it's closed
 */
export function clientIp(forwardedFor: string | null, trustedProxyHops: number): string | null {
  const entries = (forwardedFor ?? '').split(',').map((entry) => entry.trim());
  const asConfigured = normaliseIp(entries.at(-1 - trustedProxyHops) ?? '');
  return asConfigured ?? normaliseIp(entries.at(-1) ?? '');
}

/**
 * Normalizes an IP address: writes `::ffff:192.0.2.1` as `192.0.2.1`, and IPv6 as in RFC 5952. Drops a zone index and a
 * port. Returns `null` if the text isn't an address.
 */
export function normaliseIp(text: string): string | null {
  // Some proxies append the port: `192.0.2.1:443`, `[2001:db8::1]:443`.
  const bare = /^\[(.*)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
  const address = bare.split('%')[0] ?? '';
  return ipaddr.isValid(address) ? ipaddr.process(address).toString() : null;
}

export function networkOf(ip: string): string {
  const address = ipaddr.parse(ip);
  if (address.kind() === 'ipv4') return ip;
  const network = address.toByteArray().map((byte, index) => (index < 8 ? byte : 0));
  return `${ipaddr.fromByteArray(network).toString()}/64`;
}

/** Enough for 500 repositories with the longest names GitHub allows. */
const MAX_BODY_BYTES = 256 * 1024;

/**
 * How long a body may take to arrive. A longer limit would be useless for deliveries: GitHub gives up after 10 seconds
 * too.
 */
export const READ_PATIENCE_MS = 10_000;

/**
 * Reads the whole body. Counts the bytes that actually arrive, so a false `Content-Length` can't exceed the limit.
 *
 * @param bounds.hold called with each chunk's size before the chunk is kept; may throw to stop reading
 * @param bounds.enter awaited once, before more than `bounds.bytes` are kept; may throw to stop reading
 * @throws {Problem} `payload_too_large`; `invalid_request` if the body takes too long to arrive, or breaks off
 */
export async function readBytes(
  request: Request,
  maxBytes: number,
  bounds?: { hold: (bytes: number) => void; bytes: number; enter: () => Promise<void> },
): Promise<Buffer> {
  const tooLarge = () => new Problem('payload_too_large', `The body may hold at most ${maxBytes} bytes.`);
  if (Number(request.headers.get('content-length')) > maxBytes) throw tooLarge();
  if (request.body === null) return Buffer.alloc(0);
  const reader = request.body.getReader();
  // Cancelling a broken stream fails. Ignore that error, because `read()` reports the cause anyway.
  const cancel = () => reader.cancel().catch(() => {});
  let isLate = false;
  // After `cancel()`, a pending read ends as if the body were complete, so `isLate` records that it isn't.
  const timer = setTimeout(() => {
    isLate = true;
    void cancel();
  }, READ_PATIENCE_MS);
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(brokeOff);
      if (isLate) throw new Problem('invalid_request', 'The body did not arrive in time.');
      if (done) return Buffer.concat(chunks);
      const before = size;
      size += value.byteLength;
      if (size > maxBytes) throw tooLarge();
      if (bounds !== undefined && before <= bounds.bytes && size > bounds.bytes) await bounds.enter();
      bounds?.hold(value.byteLength);
      chunks.push(value);
    }
  } finally {
    clearTimeout(timer);
    await cancel();
  }
}

/**
 * Turns a client's disconnect into its own fault. By itself, the error is Node's ECONNRESET, which looks like a lost
 * connection to the database.
 */
function brokeOff(error: unknown): never {
  throw new Problem('invalid_request', 'The body did not arrive completely.', { cause: error });
}

/** The body schema for routes that take no body. It rejects unknown fields, as every body schema does. */
export const NoBody = z.strictObject({});

/**
 * Reads a JSON body and validates it. Treats an empty body as `{}`.
 *
 * @throws {Problem} `unsupported_media_type`, `payload_too_large`, `invalid_request`
 */
export async function readJson<T extends z.ZodType>(request: Request, schema: T): Promise<z.output<T>> {
  const bytes = await readBytes(request, MAX_BODY_BYTES);
  if (bytes.length === 0) return parseInput(schema, {});
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') throw new Problem('unsupported_media_type', 'Send application/json.');
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new Problem('invalid_request', 'The body is not JSON.');
  }
  return parseInput(schema, value);
}

/**
 * Validates the input.
 *
 * @throws {Problem} `invalid_request`, with one entry in `errors` for each invalid field
 */
export function parseInput<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Problem('invalid_request', 'The request is not valid.', {
    errors: parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message })),
  });
}

/**
 * Returns the query parameters by name.
 *
 * @throws {Problem} `invalid_request` if a parameter is given twice, because it's unclear which value is meant
 */
export function queryObject(url: string): Record<string, string> {
  const result = new Map<string, string>();
  for (const [name, value] of new URL(url).searchParams) {
    if (result.has(name))
      throw new Problem('invalid_request', 'A parameter is given twice.', {
        errors: [{ path: name, message: 'is given twice' }],
      });
    result.set(name, value);
  }
  return Object.fromEntries(result);
}

/**
 * Extracts the credential from an `Authorization: Bearer …` header. The scheme is case-insensitive (RFC 9110, 11.1).
 *
 * @returns the credential, which is empty if nothing follows the scheme; `null` if there is no header or it uses
 *   another scheme
 */
export function readBearer(authorization: string | null): string | null {
  const match = /^bearer(?: +(.*))?$/i.exec(authorization?.trim() ?? '');
  return match === null ? null : (match[1] ?? '');
}

/** The path parameters as passed by Next, in path order; a catch-all parameter is a list. */
export type PathParams = Record<string, string | string[] | undefined>;

/**
 * Returns the route's template for metrics, such as `/api/v1/workspaces/{workspace}/members/{id}`. Replaces the value
 * of each path parameter with its name, so clients can't create an unlimited number of metric labels.
 */
export function routeTemplate(pathname: string, params: PathParams): string {
  const segments = pathname.split('/');
  let end = segments.length;
  for (const [name, value] of Object.entries(params).reverse()) {
    if (value === undefined) continue;
    const count = Array.isArray(value) ? value.length : 1;
    const last = Array.isArray(value) ? value.at(-1) : value;
    const index = segments.slice(0, end).findLastIndex((segment) => sameSegment(segment, last ?? ''));
    if (index < count) return '{unknown}';
    end = index - count + 1;
    segments.splice(end, count, `{${name}}`);
  }
  return segments.join('/');
}

/**
 * True if a segment, as the client sent it, has the parameter's value; false otherwise. Decodes both, because they may
 * be percent-encoded differently.
 */
function sameSegment(segment: string, value: string): boolean {
  if (segment === value) return true;
  try {
    return decodeURIComponent(segment) === decodeURIComponent(value);
  } catch {
    return false;
  }
}
