import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
import { alterAnswer } from './alter-answer';
import { observeAnswer, observeRequest } from './description/observe';
import { inject } from './faults';
import type { HttpContext, HttpEnv } from './http-env';
import { type LoggedRequest, redact } from './request-log';
import type { World } from './world';

/** The header of hono's `RESPONSE_ALREADY_SENT`, which a handler returns after writing to the socket itself. */
const ALREADY_SENT = 'x-hono-already-sent';

/** Records every request, reads its body once, and applies the knobs that delay or break the response. */
export function observe(world: World): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const started = performance.now();
    const body = await readBody(c);
    c.set('json', body.json);
    c.set('malformedJson', body.malformed);
    c.set('form', body.form);
    const entry = logEntry(world, c, body);
    c.set('entry', entry);
    world.requests.add(entry);
    const operation = observeRequest(world, c, entry.route);
    const wait = world.knobs.latencyOf(entry.route);
    if (wait > 0) await sleep(wait);
    const fault = world.knobs.takeFault(entry.route);
    const held = world.knobs.takeHeldAnswer(entry.route);
    if (!fault || fault.afterEffect) {
      await next();
      if (operation) await observeAnswer(world, c, operation);
      const alter = world.knobs.takeAlteration(entry.route);
      if (alter) await alterAnswer(c, alter);
    }
    if (fault) c.res = await inject(c, world, fault);
    held?.arrived();
    await held?.released;
    entry.status = statusOf(c);
    entry.durationMs = Math.round((performance.now() - started) * 10) / 10;
    if (!c.env.outgoing.headersSent) {
      c.header('Date', new Date(world.clock.now()).toUTCString());
      c.header('X-GitHub-Request-Id', entry.id);
    }
  };
}

/**
 * Returns the status sent to the client, or null if the connection was cut or the client disconnected before the
 * response.
 */
function statusOf(c: HttpContext): number | null {
  if (!c.res.headers.has(ALREADY_SENT)) return c.res.status;
  const { headersSent, statusCode } = c.env.outgoing;
  return headersSent ? statusCode : null;
}

interface Body {
  json: unknown;
  malformed: boolean;
  form: URLSearchParams;
}

/** Reads the body. Git packs are left unread, so that they can be streamed. */
async function readBody(c: HttpContext): Promise<Body> {
  const type = c.req.header('content-type') ?? '';
  const none: Body = { json: undefined, malformed: false, form: new URLSearchParams() };
  if (c.req.method === 'GET' || c.req.method === 'HEAD' || type.startsWith('application/x-git')) return none;
  const text = await c.req.text();
  if (text === '') return none;
  if (type.startsWith('application/x-www-form-urlencoded'))
    return { ...none, form: new URLSearchParams(text) };
  try {
    return { ...none, json: JSON.parse(text) };
  } catch {
    return { ...none, malformed: true };
  }
}

function logEntry(world: World, c: HttpContext, body: Body): LoggedRequest {
  const route = routeOf(world, c);
  return {
    id: randomBytes(8).toString('hex').toUpperCase(),
    at: world.clock.now(),
    method: c.req.method,
    route,
    /**
     * A manifest's code can be exchanged for the App's private key, so we never log it, not even after it has been
     * used.
     */
    path: route.includes('{code}') ? route : c.req.path,
    query: redact(c.req.query()) as Record<string, string>,
    body: redact(body.json ?? formObject(body.form)),
    status: null,
    auth: 'none',
    credentialHash: null,
    installationId: null,
    durationMs: null,
  };
}

function formObject(form: URLSearchParams): Record<string, string | string[]> | null {
  const keys = [...new Set(form.keys())];
  if (keys.length === 0) return null;
  return Object.fromEntries(
    keys.map((key) => {
      const all = form.getAll(key);
      return [key, all.length > 1 ? all : (all[0] ?? '')];
    }),
  );
}

/** Returns the matched route as in GitHub's reference, without the base path. */
function routeOf(world: World, c: HttpContext): string {
  const { apiBasePath, webBasePath } = world.urls;
  const isApi = c.req.path === apiBasePath || c.req.path.startsWith(`${apiBasePath}/`);
  const base = isApi ? apiBasePath : webBasePath;
  const matched = matchedRoutes(c).find(({ path }) => path.startsWith(base) && !path.endsWith('*'));
  if (!matched) return `${c.req.method} {unknown}`;
  const path = matched.path.slice(base.length).replace(/:(\w+)(\{[^/]*\})?/g, '{$1}');
  return `${c.req.method} ${path === '' ? '/' : path}`;
}
