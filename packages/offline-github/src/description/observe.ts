import type { HttpContext } from '../http-env';
import type { Urls } from '../urls';
import { checkAnswer, checkRequest, checkWebhook, type ObservedRequest, operationOf } from './check';
import type { Complaint, Complaints } from './complaints';
import type { Operation } from './operations';

/** Where requests go to, and where departures from the description are kept. */
type Observed = { urls: Urls; complaints: Complaints | null };

/**
 * The app's `User-Agent` (lib/github/user-agent.ts). Only its requests are held to the description: tests ask wrong
 * things on purpose, to see them refused.
 */
const THE_APP = /^pulsestream-/;
/** A part of GitHub that is not built here; the answer says so, and is none of GitHub's. */
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

/** Holds a request of the app to GitHub's description. @returns the operation that its answer is held to */
export function observeRequest(world: Observed, c: HttpContext, route: string): Operation | null {
  const request = world.complaints && requestOf(world, c);
  if (!request || !world.complaints) return null;
  if (THE_APP.test(c.req.header('user-agent') ?? ''))
    complain(world.complaints, 'request', route, checkRequest(request));
  return operationOf(request);
}

/** Holds what this GitHub answers to its own description, before any knob breaks the answer on purpose. */
export async function observeAnswer(world: Observed, c: HttpContext, operation: Operation): Promise<void> {
  const { status, headers } = c.res;
  if (!world.complaints || status === NOT_BUILT) return;
  const text = await c.res.clone().text();
  const answer = { status, contentType: headers.get('content-type') ?? '', text, link: headers.get('link') };
  complain(world.complaints, 'answer', operation.name, checkAnswer(operation, answer));
}

export function observeWebhook(
  complaints: Complaints,
  event: string,
  payload: Parameters<typeof checkWebhook>[1],
): void {
  const { action } = payload;
  complain(
    complaints,
    'webhook',
    typeof action === 'string' ? `${event}.${action}` : event,
    checkWebhook(event, payload),
  );
}

function complain(complaints: Complaints, kind: Complaint['kind'], where: string, wrong: string[]): void {
  for (const what of wrong) complaints.add({ kind, where, what });
}
