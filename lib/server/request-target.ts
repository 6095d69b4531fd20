import type { IncomingMessage } from 'node:http';

type Target = Pick<IncomingMessage, 'url' | 'headers' | 'rawHeaders' | 'method'>;

/** RFC 9112, 3.2: exactly one `Host`, which is a name or an address. */
const HOST = /^(?:[\w.%~-]+|\[[0-9a-f:.]+\])?(?::\d{0,5})?$/i;

/** Static files that Next serves, for GET and HEAD only. */
const FILES = /^\/(?:_next\/static\/|favicon\.(?:svg|ico)$)/;

/**
 * Finds a request whose target or host is malformed. Next would answer most of them with 500.
 *
 * Call {@link simplify} first.
 *
 * @returns the status of the response, or `null` for a request that Next can handle
 */
export function refusalOf({ url = '', method = '', headers, rawHeaders }: Target): 400 | 405 | null {
  const path = url.split('?', 1)[0] ?? '';
  if (!path.startsWith('/') || !isDecodable(path)) return 400;
  const hosts = rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === 'host');
  if (hosts.length > 1 || !HOST.test(headers.host ?? '')) return 400;
  return FILES.test(path) && method !== 'GET' && method !== 'HEAD' ? 405 : null;
}

/**
 * Removes valid parts of a request that Next answers with an error. An absolute target loses its origin (RFC 9112,
 * 3.2.2). Conditions and ranges go too, because no response of the app supports them (RFC 9110, 13 and 14).
 */
export function simplify(request: Target): void {
  const origin = /^https?:\/\/([^/?#]+)/i.exec(request.url ?? '');
  if (origin !== null) {
    const rest = (request.url ?? '').slice(origin[0].length);
    request.url = rest.startsWith('/') ? rest : `/${rest}`;
    request.headers.host = origin[1];
  }
  for (const name of ['range', 'if-range', 'if-match', 'if-unmodified-since']) delete request.headers[name];
}

function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}
