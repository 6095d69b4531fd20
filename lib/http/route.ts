import { type NextRequest, NextResponse } from 'next/server';
import { z } from 'zod';
import { findWorkspaceForUser, type Membership, requireRole } from '../auth/membership';
import type { Role } from '../contract/members';
import { notFound, Problem } from '../problem';
import { enforceRateLimit, limitWork, RateLimited } from '../rate-limit/limiter';
import { authenticate, type Caller } from './authenticate';
import { countRequest } from './count-request';
import { problemResponse, toProblem } from './problem-response';
import { NoBody, parseInput, queryObject, readJson } from './read-body';
import { type RequestContext, requestContext, requestIdOf } from './request-context';
import { type Auth, type RouteSpec, workspaceLimit } from './route-spec';
import { withSignedBody } from './signed-body';

type RouteInput<A extends Auth, W extends Role | undefined, P, Q, B> = {
  request: NextRequest;
  context: RequestContext;
  actor: Caller<A>;
  workspace: W extends Role ? Membership : undefined;
  params: P;
  query: Q;
  /** GitHub's signed bytes; a browser's form is read by `browserRoute`, once somebody is signed in. */
  body: A extends 'github' ? Buffer : A extends 'browser' ? undefined : B;
};

type PathParams = Record<string, string | string[] | undefined>;

type Handler = (request: NextRequest, next: { params: Promise<PathParams | undefined> }) => Promise<Response>;

/**
 * Wraps a handler: client IP → limit → authentication → parsing → authorization → handler, and turns errors into
 * `application/problem+json`. The handler returns what `spec.answer` describes, or a `Response`.
 *
 * The order costs an unauthenticated flood one limiter call each and no database.
 */
export function route<
  A extends Auth,
  W extends Role | undefined = undefined,
  P = Record<string, never>,
  Q = Record<string, never>,
  B = undefined,
  R = void,
>(
  spec: RouteSpec<A, W, P, Q, B, R>,
  handle: (input: RouteInput<A, W, P, Q, B>) => Promise<Response | NoInfer<R>>,
): Handler & { spec: RouteSpec<A, W, P, Q, B, R> } {
  type Input = RouteInput<A, W, P, Q, B>;
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
      if (spec.limits?.address !== undefined)
        limitHeaders = await enforceRateLimit(spec.limits.address, context);
      const actor = await authenticate(spec.auth, request);
      const params = parsePath(spec.params, path);
      const query = (spec.query === undefined ? {} : parseInput(spec.query, queryObject(request.url))) as Q;
      const body = await readBody(spec, request);
      const workspace = await authorize(spec.workspace, actor, path.workspace);
      const limit = workspaceLimit(spec.limits);
      if (limit !== undefined && workspace !== undefined && (limit.when?.(query) ?? true))
        limitHeaders = joined(limitHeaders, await limitWork(limit.policy, workspace.id));
      const input = { request, context, actor, workspace, params, query };
      const answer =
        spec.auth === 'github'
          ? await withSignedBody(request, context, (signed) => handle({ ...input, body: signed } as Input))
          : await handle({ ...input, body } as Input);
      response =
        answer instanceof Response ? answer : toResponse('answer' in spec ? spec.answer.status : 200, answer);
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
  // The OpenAPI document is made from the specs (app/api/routes.ts).
  return Object.assign(handler, { spec });
}

/** Routes whose body is read later, or not at all: signed bytes, a form of our pages, what no other route takes. */
const READ_LATER: ReadonlySet<Auth> = new Set(['github', 'browser', 'public']);

async function readBody(
  { auth, body }: { auth: Auth; body?: z.ZodType },
  request: NextRequest,
): Promise<unknown> {
  if (READ_LATER.has(auth) || (body === undefined && request.method === 'GET')) return undefined;
  return readJson(request, body ?? NoBody);
}

function toResponse(status: number, answer: unknown): Response {
  return answer === undefined ? new Response(null, { status }) : NextResponse.json(answer, { status });
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

function parsePath<P>(schema: z.ZodType<P> | undefined, path: PathParams): P {
  const { workspace: _, ...rest } = path;
  const parsed = (schema ?? z.object({})).safeParse(rest);
  if (!parsed.success) throw notFound();
  return parsed.data as P;
}

/** Returns the caller's workspace. A missing one and one that is not the caller's are the same 404. */
async function authorize(
  least: Role | undefined,
  actor: Caller<Auth>,
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
