import type { IncomingMessage, ServerResponse } from 'node:http';
import { REQUEST_ID_HEADER } from '../http/request';
import { tracing } from '../observability/tracing';

/** Probes, scrapes and static files would bury all other traces. */
const NOT_TRACED = /^\/(?:api\/(?:health\/|metrics$)|_next\/|favicon\.)/;

/** The methods by their name. Others become `_OTHER`, so that clients cannot choose values. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/**
 * Handles a request in a span of its own, if tracing is on. `route()` adds the route. The query is left out, because
 * GitHub sends authorization codes in it.
 */
export function inRequestSpan<T>(request: IncomingMessage, response: ServerResponse, handle: () => T): T {
  const { tracer } = tracing;
  const path = request.url?.split('?', 1)[0] ?? '';
  if (tracer === undefined || NOT_TRACED.test(path)) return handle();
  const method = METHODS.has(request.method ?? '') ? String(request.method) : '_OTHER';
  const traceparent = request.headers.traceparent;
  const span = tracer.start({
    name: method,
    kind: 'server',
    attributes: {
      'http.request.method': method,
      'url.path': path,
      'url.scheme': request.headers['x-forwarded-proto'] === 'https' ? 'https' : 'http',
      'network.protocol.version': request.httpVersion,
      'pulsestream.request_id': String(request.headers[REQUEST_ID_HEADER] ?? ''),
    },
    parent: undefined,
    callersContext: typeof traceparent === 'string' ? traceparent : undefined,
  });
  response.once('close', () => {
    const { statusCode } = response;
    if (response.headersSent) span.set({ 'http.response.status_code': statusCode });
    span.end(statusCode >= 500 ? String(statusCode) : response.writableFinished ? undefined : 'aborted');
  });
  return tracing.active.run(span, handle);
}
