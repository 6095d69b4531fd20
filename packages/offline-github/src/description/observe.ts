import type { HttpContext } from '../http-env';
import type { Urls } from '../settings';
import { checkAnswer, checkRequest, checkWebhook, type ObservedRequest, operationOf } from './check';
import type { Complaints } from './complaints';
import type { Operation } from './operations';

/** The API's URLs, and the list that collects complaints. */
type Observed = { urls: Urls; complaints: Complaints | null };

/**
 * Matches the `User-Agent` of Node's fetch, curl and browsers. Tests and people use these to send invalid requests on
 * purpose, so we check only requests from other clients.
 */
const PROBE = /^(?:$|node\b|curl\/|Mozilla\/)/;
/** The status for anything that this server doesn't implement. The real GitHub never returns it. */
const NOT_BUILT = 501;

function requestOf({ urls }: Observed, c: HttpContext): ObservedRequest | null {
  const { apiBasePath } = urls;
  const isApi = c.req.path.startsWith(`${apiBasePath}/`);
  if (!isApi) return null;
  return {
    method: c.req.method,
    path: c.req.path.slice(apiBasePath.length),
    query: c.req.query(),
    body: c.get('json'),
  };
}

/**
 * Checks a client's request against GitHub's OpenAPI description.
 *
 * @returns the operation that the response must match, or null if there is none
 */
export function observeRequest(world: Observed, c: HttpContext, route: string): Operation | null {
  const request = world.complaints && requestOf(world, c);
  if (!request || !world.complaints) return null;
  if (!PROBE.test(c.req.header('user-agent') ?? ''))
    world.complaints.addAll('request', route, checkRequest(request));
  return operationOf(request);
}

/** Checks a response against GitHub's OpenAPI description, before any knob breaks it on purpose. */
export async function observeAnswer(world: Observed, c: HttpContext, operation: Operation): Promise<void> {
  const { status, headers } = c.res;
  if (!world.complaints || status === NOT_BUILT) return;
  const text = await c.res.clone().text();
  const answer = { status, contentType: headers.get('content-type') ?? '', text, link: headers.get('link') };
  world.complaints.addAll('answer', operation.name, checkAnswer(operation, answer));
}

/** Checks a webhook against GitHub's OpenAPI description before sending it. */
export function observeWebhook(
  complaints: Complaints,
  event: string,
  payload: Parameters<typeof checkWebhook>[1],
): void {
  const { action } = payload;
  const name = typeof action === 'string' ? `${event}.${action}` : event;
  complaints.addAll('webhook', name, checkWebhook(event, payload));
}
