import { randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { REQUEST_ID_HEADER } from '../http/request-context';
import { subscribeFromStart } from './from-start';
import { refuseOddRequests } from './refuse-requests';

const STAMP_HEADER = 'x-pulsestream-stamp';

/** Known to this process alone: no answer has it, and only Next sends a request's headers on, to itself. */
const STAMP = randomBytes(32).toString('base64url');

type Started = { request: IncomingMessage; response: ServerResponse; server: Server };

/** Until a request has come in whole; Node would wait for five minutes. The largest is a delivery of 25 MB. */
export const REQUEST_TIMEOUT_MS = 60_000;

/** The value of that header (`lib/http/page-security.ts`). */
type StampOptions = { strictTransportSecurity: string | null };

/**
 * Marks every request of this process before Next sees it, as a proxy in front would:
 *
 * - the socket's address is appended to `X-Forwarded-For`. Next sets that header only where it is absent, so a client
 *   that sends one would be believed (C14);
 * - the request and its answer, whatever it is, get a fresh `X-Request-Id`;
 * - the answer gets HSTS, where there is any: a browser may come to know us by a file or by the API;
 * - a request that does not come to its end is cut.
 *
 * An action that was sent to a page without it Next sends on to itself, with the headers that it came with. Such a
 * request has been here before: it keeps its client and its id, and does not become one of this machine's own.
 */
export function stampRequests({ strictTransportSecurity: hsts }: StampOptions): void {
  subscribeFromStart('http.server.request.start', (message) => {
    const { request, response, server } = message as Started;
    // Next makes the server, and says nothing of this.
    server.requestTimeout = REQUEST_TIMEOUT_MS;
    refuseOddRequests(server, hsts);
    if (!isStamped(request)) stamp(request);
    response.setHeader(REQUEST_ID_HEADER, request.headers[REQUEST_ID_HEADER] ?? '');
    if (hsts !== null) response.setHeader('strict-transport-security', hsts);
  });
}

function isStamped({ headers }: IncomingMessage): boolean {
  const given = Buffer.from(String(headers[STAMP_HEADER]));
  return given.length === STAMP.length && timingSafeEqual(given, Buffer.from(STAMP));
}

function stamp({ headers, socket }: IncomingMessage): void {
  const forwarded = headers['x-forwarded-for'];
  const before = Array.isArray(forwarded) ? forwarded.join(', ') : forwarded;
  const peer = socket.remoteAddress ?? 'unknown';
  headers['x-forwarded-for'] = before === undefined ? peer : `${before}, ${peer}`;
  headers[REQUEST_ID_HEADER] = randomUUID();
  headers[STAMP_HEADER] = STAMP;
}
