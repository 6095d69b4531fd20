import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { HttpContext } from './http-env';
import type { Fault } from './knobs';
import { refusalResponse } from './refusals';
import type { World } from './world';

type Injected = Response | Promise<Response>;
type Injectors = {
  [Kind in Fault['kind']]: (c: HttpContext, fault: Extract<Fault, { kind: Kind }>, world: World) => Injected;
};

const DOCS = 'https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api';

/**
 * The response for each kind of fault. Rate limits respond as in
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
 */
const INJECTORS: Injectors = {
  status: (c, { status, message }) =>
    json(c, status, { message: message ?? 'Server Error', status: `${status}` }),
  /** Never responds. Ends when the client disconnects or the server closes. */
  hang: (c) => untilGone(c),
  cut: (c) => {
    c.env.incoming.socket.destroy();
    return RESPONSE_ALREADY_SENT;
  },
  html: (_c, { status }) =>
    new Response('<!DOCTYPE html><html><body><h1>Unicorn!</h1><p>No server is available.</p></body></html>', {
      status: status ?? 502,
      headers: { 'Content-Type': 'text/html; charset=utf-8' },
    }),
  refusal: (_c, { name, headers, message }) =>
    refusalResponse(name, { ...(headers && { headers }), ...(message !== undefined && { message }) }),
  'secondary-rate-limit': (c, { retryAfterSeconds }) =>
    json(
      c,
      403,
      {
        message: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
      },
      { 'Retry-After': String(retryAfterSeconds) },
    ),
  'primary-rate-limit': (c, { resetInSeconds }, { clock, knobs }) =>
    json(
      c,
      403,
      { message: 'API rate limit exceeded for installation.' },
      {
        'X-RateLimit-Limit': String(knobs.current.rateLimit.limit),
        'X-RateLimit-Remaining': '0',
        'X-RateLimit-Reset': String(clock.seconds() + resetInSeconds),
        'X-RateLimit-Resource': 'core',
      },
    ),
};

export function inject<Kind extends Fault['kind']>(
  c: HttpContext,
  world: World,
  fault: Extract<Fault, { kind: Kind }>,
): Injected {
  const injector: Injectors[Kind] = INJECTORS[fault.kind as Kind];
  return injector(c, fault, world);
}

function json(_c: HttpContext, status: number, body: object, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify({ documentation_url: DOCS, ...body }), {
    status,
    headers: { 'Content-Type': 'application/json; charset=utf-8', ...headers },
  });
}

function untilGone(c: HttpContext): Promise<Response> {
  return new Promise((resolve) => {
    c.env.incoming.socket.once('close', () => resolve(RESPONSE_ALREADY_SENT));
  });
}
