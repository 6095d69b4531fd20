/** Reads a request: its id, its client, its query and its body. */
import { randomUUID } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import type { RequestOrigin } from '../actor';
import { getConfig } from '../config';
import { Problem } from '../problem';

/** The origin of a request, for audit events and limits. */
export type RequestContext = RequestOrigin & {
  clientIp: string;
  /** The client as limits count it: the IPv4 address, or the /64 of an IPv6 address, which one customer is given. */
  network: string;
};

/** Set by `instrumentation.ts` on every request. It replaces the client's own value. */
export const REQUEST_ID_HEADER = 'x-request-id';

/** Returns the id that `instrumentation.ts` gave the request, or a fresh one where it does not run, in tests. */
export function requestIdOf(request: { headers: Pick<Headers, 'get'> }): string {
  return request.headers.get(REQUEST_ID_HEADER) ?? randomUUID();
}

/**
 * Returns the request's context.
 *
 * @param request anything with headers: a request, or `{headers: await headers()}` in a server component
 * @throws {Problem} `internal` when the client's address is unknown, since nothing could be limited or audited
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
 * Returns the client's address: the entry `trustedProxyHops` from the right of `X-Forwarded-For`. The last entry is the
 * socket's peer, appended by `lib/server/stamp-requests.ts`. A client's own entries are further left and never read.
 *
 * If a proxy wrote no address, or too few proxies wrote one, the peer's address counts. No client can choose it, and
 * all clients behind that peer share one limit.
 *
 * @param trustedProxyHops proxies in front that append to the header themselves
 * @returns a canonical IPv4 or IPv6 address; `null` only if the socket has none, because it is closed
 */
export function clientIp(forwardedFor: string | null, trustedProxyHops: number): string | null {
  const entries = (forwardedFor ?? '').split(',').map((entry) => entry.trim());
  const asConfigured = normaliseIp(entries.at(-1 - trustedProxyHops) ?? '');
  return asConfigured ?? normaliseIp(entries.at(-1) ?? '');
}

/** Writes `::ffff:192.0.2.1` as `192.0.2.1` and IPv6 as in RFC 5952. A zone index and a port are dropped. */
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

/** Holds 500 repositories with the longest names that GitHub allows. */
const MAX_BODY_BYTES = 256 * 1024;

/** The longest time in which a body may arrive. GitHub waits as long for the response to a delivery. */
export const READ_PATIENCE_MS = 10_000;

/**
 * Reads the whole body up to a limit, whatever `Content-Length` claims.
 *
 * @param bounds.hold gets the size of each chunk before the chunk is kept; throwing ends the reading
 * @param bounds.enter awaited once, before more than `bounds.bytes` are held; throwing ends the reading
 * @throws {Problem} `payload_too_large`; `invalid_request` when it takes too long
 */
export async function readBytes(
  request: Request,
  maxBytes: number,
  bounds?: { hold: (bytes: number) => void; bytes: number; enter: () => Promise<void> },
): Promise<Buffer> {
  const tooLarge = () => new Problem('payload_too_large', `The body may hold at most ${maxBytes} bytes.`);
  if (Number(request.headers.get('content-length')) > maxBytes) throw tooLarge();
  if (request.body === null) return Buffer.alloc(0);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of inTime(request.body)) {
    const before = size;
    size += chunk.byteLength;
    if (size > maxBytes) throw tooLarge();
    if (bounds !== undefined && before <= bounds.bytes && size > bounds.bytes) await bounds.enter();
    bounds?.hold(chunk.byteLength);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Yields the chunks of a body until its time is over. Leaving the loop early, by an error too, cancels the rest. */
async function* inTime(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  // A broken stream cannot be cancelled, and the read reports its error.
  const cancel = () => reader.cancel().catch(() => {});
  let isLate = false;
  // Cancelling ends a waiting read as if the body had ended.
  const timer = setTimeout(() => {
    isLate = true;
    void cancel();
  }, READ_PATIENCE_MS);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (isLate) throw new Problem('invalid_request', 'The body did not arrive in time.');
      if (done) return;
      yield value;
    }
  } finally {
    clearTimeout(timer);
    await cancel();
  }
}

/** The body of a route that takes nothing. Unknown fields are refused in every body. */
export const NoBody = z.strictObject({});

/**
 * Reads a JSON body and checks it by a schema. An empty body counts as `{}`.
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

/** @throws {Problem} `invalid_request` with one entry in `errors` for each fault */
export function parseInput<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Problem('invalid_request', 'The request is not valid.', {
    errors: parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message })),
  });
}

/** Returns the query parameters. Refuses a parameter that is given twice, because either value could be meant. */
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
