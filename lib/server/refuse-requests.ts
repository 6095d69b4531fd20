import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { isProductionBuild } from '../config';
import { answerDirectly } from '../http/direct';
import { problemBody } from '../http/failure';
import { REQUEST_ID_HEADER } from '../http/request';
import { Problem } from '../problem';
import { inRequestSpan } from './trace-requests';

const ALLOWED = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** Headers for responses that come from neither a page nor a route. */
const HEADERS = {
  'cache-control': 'no-store',
  'content-length': '0',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'strict-origin-when-cross-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

type Hsts = string | null;
const prepared = new WeakSet<Server>();

/**
 * Responds to requests that Next can't handle. `CONNECT` and any method rejected by Next's `Request` get a 405;
 * unreadable targets and malformed HTTP get a 400. Otherwise, Next would respond with 500 and log an error, or Node
 * would respond without a request id.
 *
 * Call this before the server emits its first request. Until then, Node closes a `CONNECT` without any response.
 */
export function refuseOddRequests(server: Server, hsts: Hsts): void {
  if (prepared.has(server)) return;
  prepared.add(server);
  const isServing = isProductionBuild();
  const emit = server.emit.bind(server) as (event: string, ...values: unknown[]) => boolean;
  const answer = (request: IncomingMessage, response: ServerResponse): boolean => {
    if (request.socket.remoteAddress === undefined) return drop(request);
    if (!ALLOWED.includes(request.method ?? '')) return refuse(response, 405, ALLOWED);
    if (request.method === 'OPTIONS' && request.url === '*') return refuse(response, 200, ALLOWED);
    simplify(request);
    const status = refusalOf(request);
    if (status === null) {
      if (isServing && answerDirectly(request, response)) return true;
      return emit('request', request, response);
    }
    if (status === 400 && request.url?.startsWith('/api/')) return refuseOfApi(request, response);
    return refuse(response, status, status === 405 ? ['GET', 'HEAD'] : undefined);
  };
  server.emit = ((event: string, ...values: unknown[]) => {
    if (event !== 'request') return emit(event, ...values);
    const [request, response] = values as [IncomingMessage, ServerResponse];
    return inRequestSpan(request, response, () => answer(request, response));
  }) as Server['emit'];
  // Next's listener would close an upgrade without a response. Without a listener, Node treats the upgrade as an
  // ordinary request. Keep the listener in the dev server, which serves a WebSocket.
  if (isServing) server.removeAllListeners('upgrade');
  // Node would respond with 417, without the headers of our responses. An unknown expectation may be ignored (RFC 9110,
  // 10.1.1).
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  server.on('connect', (_, socket) => answerRaw(socket, '405 Method Not Allowed', hsts));
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable || isAnswering(socket)) socket.destroy();
    else answerRaw(socket, statusOf(error.code), hsts);
  });
}

/**
 * Drops a request whose client has reset the connection: nobody would get the response. A route could neither limit nor
 * audit the request without the client's address, and would log an error that any client could cause.
 */
function drop({ socket }: IncomingMessage): true {
  socket.destroy();
  return true;
}

function refuse(response: ServerResponse, status: number, allow?: string[]): true {
  const headers = { ...HEADERS, ...(allow ? { allow: allow.join(', ') } : {}), connection: 'close' };
  response.writeHead(status, headers).end();
  return true;
}

/** Responds with a problem document, as the API does for any other error. */
function refuseOfApi({ headers }: IncomingMessage, response: ServerResponse): true {
  const problem = new Problem(
    'invalid_request',
    'The target of the request, or its Host header, cannot be read.',
  );
  const body = JSON.stringify(problemBody(problem, String(headers[REQUEST_ID_HEADER])));
  const { 'content-length': _, ...others } = HEADERS;
  response
    .writeHead(400, { ...others, 'content-type': 'application/problem+json', connection: 'close' })
    .end(body);
  return true;
}

/** Returns the status that Node itself would send for a malformed request. */
function statusOf(code: string | undefined): string {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return '431 Request Header Fields Too Large';
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return '413 Payload Too Large';
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return '408 Request Timeout';
    default:
      return '400 Bad Request';
  }
}

/**
 * True if a response has already started, so the client would take a second one for part of the first; false otherwise.
 */
function isAnswering(socket: Duplex): boolean {
  const { _httpMessage: response } = socket as Duplex & { _httpMessage?: ServerResponse };
  return response?.headersSent === true;
}

/** How long a client may keep its end of the connection open after such an answer. Node would wait forever for CONNECT. */
const LINGER_MS = 5000;

function answerRaw(socket: Duplex, status: string, hsts: Hsts): void {
  const headers = {
    ...HEADERS,
    ...(status.startsWith('405') ? { allow: ALLOWED.join(', ') } : {}),
    ...(hsts === null ? {} : { 'strict-transport-security': hsts }),
    [REQUEST_ID_HEADER]: randomUUID(),
    connection: 'close',
  };
  const cutOff = setTimeout(() => socket.destroy(), LINGER_MS).unref();
  socket.once('close', () => clearTimeout(cutOff));
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status}\r\n${lines.join('')}\r\n`);
}

type Target = Pick<IncomingMessage, 'url' | 'headers' | 'rawHeaders' | 'method'>;

/** Matches a valid `Host` header. RFC 9112, 3.2 requires exactly one, containing a name or an address. */
const HOST = /^(?:[\w.%~-]+|\[[0-9a-f:.]+\])?(?::\d{0,5})?$/i;

/** Static files, which Next serves for GET and HEAD only. */
const FILES = /^\/(?:_next\/static\/|favicon\.(?:svg|ico)$)/;

/**
 * Checks a request's target and host, because Next would answer most malformed ones with a 500. Call {@link simplify}
 * first.
 *
 * @returns the status to respond with, or `null` if Next can handle the request
 */
export function refusalOf({ url = '', method = '', headers, rawHeaders }: Target): 400 | 405 | null {
  const path = url.split('?', 1)[0] ?? '';
  if (!path.startsWith('/') || !isDecodable(path)) return 400;
  const hosts = rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === 'host');
  if (hosts.length > 1 || !HOST.test(headers.host ?? '')) return 400;
  return FILES.test(path) && method !== 'GET' && method !== 'HEAD' ? 405 : null;
}

/**
 * Removes parts of a request that are valid but would make Next respond with an error. Reduces an absolute target to
 * its path (RFC 9112, 3.2.2). Drops conditions and ranges, because none of the app's responses support them (RFC 9110,
 * 13 and 14).
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
