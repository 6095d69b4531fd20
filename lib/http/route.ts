import { type NextRequest, NextResponse } from 'next/server';
import { z } from 'zod';
import type { ApiKeyActor, UserActor } from '../actor';
import { authenticateApiKey } from '../api-keys/authenticate';
import { findWorkspaceForUser, type Membership, requireRole } from '../auth/membership';
import { authenticateUser } from '../auth/user-jwt';
import type { Role } from '../contract/members';
import { notFound, Problem } from '../problem';
import type { PolicyName, WorkspacePolicyName } from '../rate-limit/policies';
import { countRequest } from './count-request';
import { problemResponse, toProblem } from './problem-response';
import { enforceRateLimit, limitWork, RateLimited } from './rate-limit';
import { NoBody, parseInput, queryObject, readJson } from './read-body';
import { type RequestContext, requestContext, requestIdOf } from './request-context';
import { assertSameOrigin } from './same-origin';

/** Who is asked for. `none`: the handler authenticates by itself (webhooks, health). */
type Actors = { none: null; user: UserActor; apiKey: ApiKeyActor };
type Auth = keyof Actors;

/** The policy of a route, as data: who may call, how often, with what. */
type RouteSpec<A extends Auth, W extends Role | undefined, P, Q, B> = {
  auth: A;
  /** The least role in the workspace that `{workspace}` of the path names. Others get 404, or 403 below the role. */
  workspace?: W;
  rateLimit?: PolicyName;
  /** Counted by workspace besides, for every request or for those of which `when` holds. */
  workspaceLimit?: { policy: WorkspacePolicyName; when?: (query: Q) => boolean };
  /** Path parameters besides `workspace`. What does not fit is 404: there is nothing with such a name. */
  params?: z.ZodType<P>;
  /** Left out, the query string is not read: an unknown parameter there changes nothing. */
  query?: z.ZodType<Q>;
  /** JSON body. Left out, it has to be empty, but for GET, and for `none`, which reads the body by itself if at all. */
  body?: z.ZodType<B>;
};

type RouteInput<A extends Auth, W extends Role | undefined, P, Q, B> = {
  request: NextRequest;
  context: RequestContext;
  actor: Actors[A];
  workspace: W extends Role ? Membership : undefined;
  params: P;
  query: Q;
  body: B;
};

type PathParams = Record<string, string | string[] | undefined>;

type Handler = (request: NextRequest, next: { params: Promise<PathParams | undefined> }) => Promise<Response>;

/**
 * Wraps a handler: client IP → limit → authentication → parsing → authorization → handler, and turns whatever is
 * thrown into `application/problem+json`. The handler answers with an object (200) or with a `Response`.
 *
 * The order costs an unauthenticated flood one limiter call each and no database.
 */
export function route<
  A extends Auth,
  W extends Role | undefined = undefined,
  P = Record<string, never>,
  Q = Record<string, never>,
  B = undefined,
>(
  spec: RouteSpec<A, W, P, Q, B>,
  handle: (input: RouteInput<A, W, P, Q, B>) => Promise<Response | object>,
): Handler & { spec: RouteSpec<A, W, P, Q, B> } {
  const handler: Handler = async (request, next) => {
    const started = performance.now();
    const requestId = requestIdOf(request);
    let path: PathParams = {};
    let limitHeaders: Record<string, string> = {};
    let response: Response;
    try {
      const context = requestContext(request);
      // A route without parameters in its path is given none at all.
      path = (await next.params) ?? {};
      if (spec.rateLimit !== undefined) limitHeaders = await enforceRateLimit(spec.rateLimit, context);
      const actor = await authenticate(spec.auth, request);
      const params = parsePath(spec.params, path);
      const query = (spec.query === undefined ? {} : parseInput(spec.query, queryObject(request.url))) as Q;
      const schema = spec.body ?? (spec.auth === 'none' || request.method === 'GET' ? undefined : NoBody);
      const body = (schema === undefined ? undefined : await readJson(request, schema)) as B;
      const workspace = await authorize(spec.workspace, actor, path.workspace);
      const { policy, when = () => true } = spec.workspaceLimit ?? {};
      if (policy !== undefined && workspace !== undefined && when(query))
        limitHeaders = joined(limitHeaders, await limitWork(policy, workspace.id));
      const answer = await handle({
        request,
        context,
        actor,
        workspace: workspace as RouteInput<A, W, P, Q, B>['workspace'],
        params,
        query,
        body,
      });
      response = answer instanceof Response ? answer : NextResponse.json(answer);
    } catch (error) {
      if (error instanceof RateLimited) limitHeaders = error.headers;
      response = problemResponse(toProblem(error), requestId);
    }
    for (const [name, value] of Object.entries(limitHeaders)) response.headers.set(name, value);
    response.headers.set('x-request-id', requestId);
    response.headers.set('cache-control', 'no-store');
    countRequest(request, path, response.status, started);
    return response;
  };
  // For the API's description, which has to say what is enforced (app/api/documented.test.ts).
  return Object.assign(handler, { spec });
}

/** Each header is a list, with an entry for each policy. */
function joined(one: Record<string, string>, other: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(other).map(([name, value]) => [
      name,
      one[name] === undefined ? value : `${one[name]}, ${value}`,
    ]),
  );
}

async function authenticate<A extends Auth>(auth: A, request: NextRequest): Promise<Actors[A]> {
  const actors: { [K in Auth]: () => Promise<Actors[K]> } = {
    none: async () => null,
    apiKey: () => authenticateApiKey(request.headers.get('authorization')),
    user: async () => {
      const authorization = request.headers.get('authorization');
      const { actor, via } = await authenticateUser({ authorization, cookies: request.cookies.getAll() });
      if (via === 'cookie') assertSameOrigin(request);
      return actor;
    },
  };
  return actors[auth]();
}

function parsePath<P>(schema: z.ZodType<P> | undefined, path: PathParams): P {
  const { workspace: _, ...rest } = path;
  const parsed = (schema ?? z.object({})).safeParse(rest);
  if (!parsed.success) throw notFound();
  return parsed.data as P;
}

/** The caller's workspace. One that does not exist and one that is not the caller's are the same 404. */
async function authorize(
  least: Role | undefined,
  actor: Actors[Auth],
  slug: string | string[] | undefined,
): Promise<Membership | undefined> {
  if (least === undefined) return undefined;
  if (actor?.type !== 'user' || typeof slug !== 'string')
    throw new Problem('internal', 'Something went wrong on our side.');
  const membership = await findWorkspaceForUser(slug, actor.id);
  if (membership === null) throw notFound();
  requireRole(membership, least);
  return membership;
}
