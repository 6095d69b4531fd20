import { after, type NextRequest } from 'next/server';
import { z } from 'zod';
import type { UserActor } from '../actor';
import { type AuthenticatedKey, authenticateApiKey } from '../api-keys/key';
import { assertCronSecret, assertMetricsToken } from '../auth/operator-secret';
import { authenticateUser, findWorkspaceForUser, type Membership, requireRole } from '../auth/session';
import { isRole, type Role } from '../contract/members';
import { metrics } from '../observability/metrics';
import { activeSpan } from '../observability/tracing';
import { notFound, Problem, refusedService } from '../problem';
import { enforceRateLimit, limitWork, RateLimited } from '../rate-limit/limiter';
import type { AuthenticatedWorkload } from '../workload/authenticate';
import { type Later, type Reply, serveDirectly } from './direct';
import { problemReply, toProblem } from './failure';
import {
  NoBody,
  type PathParams,
  parseInput,
  queryObject,
  type RequestContext,
  readBearer,
  readJson,
  requestContext,
  requestIdOf,
  routeTemplate,
} from './request';
import type { Access, RouteSpec } from './route-spec';
import { assertSameOrigin } from './same-origin';
import { withSignedBody } from './signed-body';

type RouteInput<A extends Access, P, Q, B> = {
  request: NextRequest;
  context: RequestContext;
  actor: Caller<A>;
  workspace: A extends Role ? Membership : undefined;
  params: P;
  query: Q;
  /**
   * GitHub's signed bytes, or the parsed body. `browserRoute` reads the form itself, once it knows the user is signed
   * in.
   */
  body: A extends 'github' ? Buffer : A extends 'browser' ? undefined : B;
  /** Runs work after the response. On SIGTERM, the process waits for it. */
  later: Later;
};

type NextContext = { params: Promise<PathParams | undefined> };
type Handler = (request: NextRequest, next: NextContext) => Promise<Response>;

/**
 * Wraps a route handler. Takes these steps in order: client IP → limit → authentication → parsing → authorization →
 * handler. Errors become `application/problem+json`. The handler returns whatever `spec.answer` describes, or a
 * `Response`.
 *
 * The limit comes early, so each request in a flood of unauthenticated ones costs only a call to the limiter, and no
 * database query.
 */
export function route<
  A extends Access,
  P = Record<string, never>,
  Q = Record<string, never>,
  B = undefined,
  R = void,
>(
  spec: RouteSpec<A, P, Q, B, R>,
  handle: (input: RouteInput<A, P, Q, B>) => Promise<Response | NoInfer<R>>,
): Handler & { spec: RouteSpec<A, P, Q, B, R> } {
  type Input = RouteInput<A, P, Q, B>;
  const leastRole = isRole(spec.access) ? spec.access : undefined;
  const answer = async (request: NextRequest, next: NextContext, later: Later): Promise<Reply | Response> => {
    const started = performance.now();
    const requestId = requestIdOf(request);
    let path: PathParams = {};
    let limitHeaders: Record<string, string> = {};
    let reply: Reply | Response;
    try {
      const context = requestContext(request);
      // If a route's path has no parameters, Next passes none.
      path = (await next.params) ?? {};
      if (spec.limits?.address !== undefined)
        limitHeaders = await enforceRateLimit(spec.limits.address, context);
      const actor = await authenticate(spec, request, context);
      const params = parsePath(spec.params, path);
      const query = (spec.query === undefined ? {} : parseInput(spec.query, queryObject(request.url))) as Q;
      const body = await readBody(spec, request);
      const workspace = await authorize(leastRole, actor, path.workspace);
      const { workspace: perWorkspace, workspaceFor } = spec.limits ?? {};
      if (perWorkspace !== undefined && workspace !== undefined && (workspaceFor?.matches(query) ?? true))
        limitHeaders = joined(limitHeaders, await limitWork(perWorkspace, workspace.id));
      const input = { request, context, actor, workspace, params, query, later };
      const result =
        spec.access === 'github'
          ? await withSignedBody(request, context, (signed) => handle({ ...input, body: signed } as Input))
          : await handle({ ...input, body } as Input);
      reply =
        result instanceof Response ? result : toReply('answer' in spec ? spec.answer.status : 200, result);
    } catch (error) {
      if (error instanceof RateLimited) limitHeaders = error.headers;
      reply = problemReply(toProblem(error), requestId);
    }
    const headers = { ...limitHeaders, 'x-request-id': requestId, 'cache-control': 'no-store' };
    for (const [name, value] of Object.entries(headers)) setHeader(reply, name, value);
    countRequest(request, path, reply.status, started);
    return reply;
  };
  const handler: Handler = async (request, next) => toResponse(await answer(request, next, after));
  if (spec.direct !== undefined) serveDirectly(spec.direct, answer);
  // Attach the spec, because app/api/routes.ts builds the OpenAPI document from the specs of all routes.
  return Object.assign(handler, { spec });
}

/**
 * Kinds of access whose bodies `route()` doesn't read: deliveries and forms are read later, and public routes ignore
 * the body.
 */
const READ_LATER: ReadonlySet<Access> = new Set(['github', 'browser', 'public']);

async function readBody(
  { access, body }: { access: Access; body?: z.ZodType },
  request: NextRequest,
): Promise<unknown> {
  if (READ_LATER.has(access) || (body === undefined && request.method === 'GET')) return undefined;
  return readJson(request, body ?? NoBody);
}

function toReply(status: number, result: unknown): Reply {
  if (result === undefined) return { status, headers: {}, body: null };
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(result) };
}

function setHeader({ headers }: Reply | Response, name: string, value: string): void {
  if (headers instanceof Headers) headers.set(name, value);
  else headers[name.toLowerCase()] = value;
}

function toResponse(reply: Reply | Response): Response {
  return reply instanceof Response ? reply : new Response(reply.body, reply);
}

/** Joins the headers of two limits. Each header is a list with one entry per limit. */
function joined(one: Record<string, string>, other: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(other).map(([name, value]) => [
      name,
      one[name] === undefined ? value : `${one[name]}, ${value}`,
    ]),
  );
}

/** Created only once, because zod compiles a schema when it's first used. */
const NoParameters = z.object({});

function parsePath<P>(schema: z.ZodType<P> | undefined, path: PathParams): P {
  const { workspace: _, ...rest } = path;
  const parsed = (schema ?? NoParameters).safeParse(rest);
  if (!parsed.success) throw notFound();
  return parsed.data as P;
}

/** A program of a workspace, with the workspace's installations. */
type AuthenticatedService = AuthenticatedKey | AuthenticatedWorkload;

type Callers = Record<Role | 'user', UserActor> & {
  service: AuthenticatedService;
  browser: UserActor | null;
};

/** The actor passed to a route's handler, or `null` if the route requires neither a user nor a service. */
type Caller<A extends Access> = A extends keyof Callers ? Callers[A] : null;

type Authenticate<A extends Access> = (
  request: NextRequest,
  context: RequestContext,
  usesTokenUp: boolean,
) => Caller<A> | Promise<Caller<A>>;

const AUTHENTICATE: { [A in Access]: Authenticate<A> } = {
  member: userOf,
  admin: userOf,
  owner: userOf,
  user: userOf,
  service: authenticateService,
  browser: (request) => {
    // Don't check GET and HEAD: GitHub sends the browser back to us with a cross-site GET.
    if (request.method !== 'GET' && request.method !== 'HEAD') assertSameOrigin(request);
    return signedInUser(request);
  },
  cron: (request) => {
    assertCronSecret(bearerOf(request));
    return null;
  },
  metrics: (request) => {
    assertMetricsToken(bearerOf(request));
    return null;
  },
  // There's no caller to authenticate yet: `signed-body.ts` verifies the signature when it reads the body.
  github: () => null,
  public: () => null,
};

/**
 * Authenticates a request. The user's role in the workspace is checked later by {@link authorize}, once the path has
 * been parsed.
 *
 * @throws {Problem} `unauthenticated`, `forbidden`
 */
async function authenticate<A extends Access>(
  { access, usesTokenUp }: { access: A; usesTokenUp?: unknown },
  request: NextRequest,
  context: RequestContext,
): Promise<Caller<A>> {
  return AUTHENTICATE[access](request, context, usesTokenUp === true);
}

/**
 * Authenticates a service by an API key or an identity token. Only a token has dots, so the code that verifies tokens is
 * loaded with the first of them.
 *
 * @param isUsedUp true if the route accepts a token that has an id only once
 * @throws {Problem} `unauthenticated`, `forbidden`, `invalid_request`, `overloaded`
 */
async function authenticateService(
  request: NextRequest,
  context: RequestContext,
  isUsedUp: boolean,
): Promise<AuthenticatedService> {
  const credential = bearerOf(request);
  const workspace = request.headers.get('x-workspace');
  if (credential?.includes('.') === true) {
    const { authenticateWorkload } = await import('../workload/authenticate');
    return authenticateWorkload(credential, { workspace, clientIp: context.clientIp, isUsedUp });
  }
  const key = await authenticateApiKey(credential, context);
  if (workspace !== null && workspace !== key.workspace.slug) throw refusedService();
  return key;
}

async function userOf(request: NextRequest): Promise<UserActor> {
  const cookies = request.cookies.getAll();
  const { actor, via } = await authenticateUser({ bearer: bearerOf(request), cookies });
  if (via === 'cookie') assertSameOrigin(request);
  return actor;
}

function bearerOf({ headers }: NextRequest): string | null {
  return readBearer(headers.get('authorization'));
}

async function signedInUser(request: NextRequest): Promise<UserActor | null> {
  try {
    return (await authenticateUser({ bearer: null, cookies: request.cookies.getAll() })).actor;
  } catch (error) {
    if (error instanceof Problem && error.code === 'unauthenticated') return null;
    throw error;
  }
}

/**
 * Returns the user's workspace, or `undefined` if the route requires no role. Throws the same 404 for a workspace that
 * doesn't exist and for one the user doesn't belong to, so nobody can tell which.
 */
async function authorize(
  leastRole: Role | undefined,
  actor: Caller<Access>,
  slug: string | string[] | undefined,
): Promise<Membership | undefined> {
  if (leastRole === undefined) return undefined;
  if (actor?.type !== 'user' || typeof slug !== 'string')
    throw new Error('a route for a role has no {workspace} in its path');
  const membership = await findWorkspaceForUser(slug, actor.id);
  if (membership === null) throw notFound();
  requireRole(membership, leastRole);
  return membership;
}

/**
 * Counts a request in the metrics.
 *
 * @param started the value of `performance.now()` when the request arrived
 */
function countRequest(request: NextRequest, params: PathParams, status: number, started: number): void {
  const labels = { route: routeTemplate(request.nextUrl.pathname, params), method: request.method };
  metrics.httpRequests.inc({ ...labels, status });
  metrics.httpSeconds.observe(labels, (performance.now() - started) / 1000);
  const span = activeSpan();
  span?.rename(`${labels.method} ${labels.route}`);
  span?.set({ 'http.route': labels.route });
}
