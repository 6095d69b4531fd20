import { randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { REQUEST_ID_HEADER } from '../http/request';
import { rememberPage } from './page-status';
import { refuseOddRequests } from './refuse-requests';

const STAMP_HEADER = 'x-pulsestream-stamp';

/**
 * A secret of this process, which marks requests that we've already stamped. No client can learn it and forge the mark:
 * no response contains it, and Next forwards request headers only to itself.
 */
const STAMP = randomBytes(32).toString('base64url');

type Started = { request: IncomingMessage; response: ServerResponse; server: Server };

/** How long a whole request may take to arrive. The largest is a 25 MB delivery. Node's default would be 5 minutes. */
export const REQUEST_TIMEOUT_MS = 60_000;

/** The value of the HSTS header (`lib/http/page-security.ts`). */
type StampOptions = { strictTransportSecurity: string | null };

/**
 * Stamps every request before Next sees it, as a proxy in front of the app would:
 *
 * - Appends the socket's address to `X-Forwarded-For`. Next sets that header only if it's absent, and would otherwise
 *   trust the client's value.
 * - Gives the request and its response a new `X-Request-Id`.
 * - Sets HSTS on every response, because the first one a browser gets may be a file or come from the API.
 * - Ends a request that hasn't arrived completely in time.
 *
 * If an action is posted to a page that doesn't have it, Next forwards the request to itself with the original headers.
 * Such a request already carries the stamp, so it keeps its client address and its id.
 */
export function stampRequests({ strictTransportSecurity: hsts }: StampOptions): void {
  subscribeFromStart('http.server.request.start', (message) => {
    const { request, response, server } = message as Started;
    // Next creates the server and has no option for this timeout, so set it here.
    server.requestTimeout = REQUEST_TIMEOUT_MS;
    refuseOddRequests(server, hsts);
    if (!isStamped(request)) stamp(request);
    const id = String(request.headers[REQUEST_ID_HEADER] ?? '');
    response.setHeader(REQUEST_ID_HEADER, id);
    if (choosesStatus(request)) rememberPage(id, response);
    if (hsts !== null) response.setHeader('strict-transport-security', hsts);
  });
}

/** The pages that choose their status: those of a workspace, and the operator's. */
const CHOOSES_STATUS = /^\/(?:w\/|operator(?:[?]|$))/;

/** Data of a client navigation must keep 200, or Next loads the document. */
const choosesStatus = ({ method, url = '', headers }: IncomingMessage): boolean =>
  (method === 'GET' || method === 'HEAD') && CHOOSES_STATUS.test(url) && headers.rsc !== '1';

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

type Channel = 'tracing:net.server.listen:asyncEnd' | 'net.server.socket' | 'http.server.request.start';

const shared = globalThis as typeof globalThis & {
  /** `hold-requests.mjs` sets this function. */
  pulsestreamHeldRequests?: () => Map<string, unknown[]>;
};

/** Calls the listener for each message on the channel, including messages sent before this module was loaded. */
export function subscribeFromStart(channel: Channel, listener: (message: unknown) => void): void {
  const held = shared.pulsestreamHeldRequests?.().get(channel) ?? [];
  subscribe(channel, listener);
  for (const message of held) listener(message);
}
