import { randomUUID } from 'node:crypto';
import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { REQUEST_ID_HEADER } from '../http/request-context';

/**
 * Marks every request of this process before Next sees it, as a proxy in front would:
 *
 * - the socket's address is appended to `X-Forwarded-For`. Next sets that header only where it is absent, so a client
 *   that sends one would be believed (C14);
 * - the request and its answer, whatever it is, get a fresh `X-Request-Id`.
 */
export function stampRequests(): void {
  subscribe('http.server.request.start', (message) => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
    const forwarded = request.headers['x-forwarded-for'];
    const before = Array.isArray(forwarded) ? forwarded.join(', ') : forwarded;
    const peer = request.socket.remoteAddress ?? 'unknown';
    request.headers['x-forwarded-for'] = before === undefined ? peer : `${before}, ${peer}`;
    const requestId = randomUUID();
    request.headers[REQUEST_ID_HEADER] = requestId;
    response.setHeader(REQUEST_ID_HEADER, requestId);
  });
}
