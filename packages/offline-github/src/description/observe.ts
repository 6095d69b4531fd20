import type { HttpContext } from '../http-env';
import type { Urls } from '../settings';
import { checkAnswer, checkRequest, checkWebhook, type ObservedRequest, operationOf } from './check';
import type { Complaints } from './complaints';
import type { Operation } from './operations';

/** The URLs of the API, and the list that collects complaints. */
type Observed = { urls: Urls; complaints: Complaints | null };

/**
 * Matches the `User-Agent` of Node's fetch, curl and browsers. Tests and people send invalid requests with them on
 * purpose. Requests of any other client are held to the description.
 */
const PROBE = /^(?:$|node\b|curl\/|Mozilla\/)/;
/** Marks a part of GitHub that is not implemented here. GitHub does not return it. */
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

/** Holds a client's request to GitHub's description. @returns the operation that its answer is held to */
export function observeRequest(world: Observed, c: HttpContext, route: string): Operation | null {
  const request = world.complaints && requestOf(world, c);
  if (!request || !world.complaints) return null;
  if (!PROBE.test(c.req.header('user-agent') ?? ''))
    world.complaints.addAll('request', route, checkRequest(request));
  return operationOf(request);
}

/** Holds an answer to GitHub's description, before a knob breaks it on purpose. */
export async function observeAnswer(world: Observed, c: HttpContext, operation: Operation): Promise<void> {
  const { status, headers } = c.res;
  if (!world.complaints || status === NOT_BUILT) return;
  const text = await c.res.clone().text();
  const answer = { status, contentType: headers.get('content-type') ?? '', text, link: headers.get('link') };
  world.complaints.addAll('answer', operation.name, checkAnswer(operation, answer));
}

/** Holds a webhook to GitHub's description, before it is sent. */
export function observeWebhook(
  complaints: Complaints,
  event: string,
  payload: Parameters<typeof checkWebhook>[1],
): void {
  const { action } = payload;
  const name = typeof action === 'string' ? `${event}.${action}` : event;
  complaints.addAll('webhook', name, checkWebhook(event, payload));
}
