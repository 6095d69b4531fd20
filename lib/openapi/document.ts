import type { z } from 'zod';
import type { Config } from '../config';
import { exampleOf } from '../contract/example';
import type { JsonSchema } from '../contract/json-schema';
import { isRole } from '../contract/members';
import {
  type Access,
  type Answer,
  type AnySpec,
  type DescribedSpec,
  TAGS,
  type Tag,
} from '../http/route-spec';
import { PROBLEMS, type ProblemCode } from '../problem';
import { type Policies, type PolicyName, policiesWith } from '../rate-limit/policies';
import { headersOf, RESPONSE_HEADERS } from './headers';
import { schemaCollector } from './schemas';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** The route modules in `app/api`, by path in OpenAPI's notation. */
export type Routes = Record<`/api/${string}`, { [M in Method]?: { spec: AnySpec } }>;

/** One method of a described route. */
type Operation = DescribedSpec & { path: string; method: Lowercase<Method> };

const bearer = (description: string) => ({ type: 'http', scheme: 'bearer', description });

const SECURITY_SCHEMES = {
  apiKey: bearer('An API key of the workspace: psk_…'),
  identityToken: bearer(
    'An OIDC token of an issuer that the operator trusts (WORKLOAD_ISSUERS), with this service’s own audience. A trust rule of the workspace has to match. A token with an id (jti) mints once.',
  ),
  userJwt: bearer('next-auth’s JWT of a user. When it is sent, cookies are ignored.'),
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: 'next-auth.session-token',
    description:
      'Over https its name begins with __Host-. What a browser says comes from another site (Sec-Fetch-Site, Origin) is refused: forbidden.',
  },
  cronSecret: bearer('The operator’s CRON_SECRET.'),
  metricsToken: bearer('The operator’s METRICS_TOKEN.'),
  webhookSignature: { type: 'apiKey', in: 'header', name: 'X-Hub-Signature-256', description: 'GitHub’s.' },
} as const;

type Requirement = Partial<Record<keyof typeof SECURITY_SCHEMES, []>>;

const BY_USER: Requirement[] = [{ userJwt: [] }, { session: [] }];

const SECURITY: Record<Access, Requirement[]> = {
  member: BY_USER,
  admin: BY_USER,
  owner: BY_USER,
  user: BY_USER,
  service: [{ apiKey: [] }, { identityToken: [] }],
  browser: [{ session: [] }],
  cron: [{ cronSecret: [] }],
  metrics: [{ metricsToken: [] }],
  github: [{ webhookSignature: [] }],
  public: [],
};

const OF_USER: readonly ProblemCode[] = ['unauthenticated', 'forbidden', 'database_unavailable'];

/** The problems that each kind of access can cause. `problemsOf` adds `not_found` for roles and for path parameters. */
const PROBLEMS_OF_ACCESS: Record<Access, readonly ProblemCode[]> = {
  member: OF_USER,
  admin: OF_USER,
  owner: OF_USER,
  user: OF_USER,
  // An identity token that rules of several workspaces match needs the header `X-Workspace`. A key's networks, or its
  // workspace, may forbid a use.
  service: ['invalid_request', 'unauthenticated', 'forbidden', 'overloaded', 'database_unavailable'],
  browser: ['database_unavailable'],
  cron: ['unauthenticated', 'database_unavailable'],
  metrics: ['unauthenticated'],
  github: [
    'invalid_signature',
    'webhook_secret_not_configured',
    'payload_too_large',
    'overloaded',
    'database_unavailable',
  ],
  public: [],
};

/** Tags of routes not meant for customers' programs: the browser flow, deliveries, and the operator's routes. */
const INTERNAL: ReadonlySet<Tag> = new Set(['Connecting', 'Operation']);

/** Returns the codes of all problems that a route can respond with: those implied by its policy, and its own. */
function problemsOf(operation: Operation): ProblemCode[] {
  const { access, limits, method, query, params, problems = [] } = operation;
  // A route whose spec has no body still reads the request's body, to reject it unless it's empty.
  const body = method !== 'get' && access !== 'github';
  const codes = new Set<ProblemCode>([
    ...(query || body ? (['invalid_request'] as const) : []),
    ...(body ? (['payload_too_large', 'unsupported_media_type'] as const) : []),
    ...PROBLEMS_OF_ACCESS[access],
    // GitHub redirects browsers to our GET routes, so only forms have to come from our own pages.
    ...(access === 'browser' && body ? (['forbidden'] as const) : []),
    ...(isRole(access) || params ? (['not_found'] as const) : []),
    ...(limits ? (['rate_limited'] as const) : []),
    ...problems,
    'internal',
  ]);
  return (Object.keys(PROBLEMS) as ProblemCode[]).filter((code) => codes.has(code));
}

type Collector = ReturnType<typeof schemaCollector>;

type Parameter = { name: string; in: 'path' | 'query' | 'header'; required: boolean; schema: JsonSchema };

const WORKSPACE_HEADER: Parameter = {
  name: 'X-Workspace',
  in: 'header',
  required: false,
  schema: {
    type: 'string',
    description:
      'The workspace’s slug. Always send it with an identity token: anybody may write a rule that matches it. With an API key it has to name the key’s workspace.',
  },
};

function parametersOf({ access, path, params, query }: Operation, { add }: Collector): Parameter[] {
  const inPath = path.includes('{workspace}')
    ? [
        {
          name: 'workspace',
          in: 'path' as const,
          required: true,
          schema: { type: 'string', description: 'The workspace’s slug.' },
        },
      ]
    : [];
  const of = (where: 'path' | 'query', schema: z.ZodType): Parameter[] => {
    const { properties = {}, required = [] } = add(schema, 'input');
    return Object.entries(properties).map(([name, property]) => ({
      name,
      in: where,
      required: where === 'path' || (required.includes(name) && property.default === undefined),
      schema: property,
    }));
  };
  const inHeader = access === 'service' ? [WORKSPACE_HEADER] : [];
  return [
    ...inPath,
    ...inHeader,
    ...(params ? of('path', params) : []),
    ...(query ? of('query', query) : []),
  ];
}

type Content = Record<string, { schema: JsonSchema; example?: unknown }>;

function mediaType(schema: z.ZodType, io: 'input' | 'output', { add }: Collector): Content[string] {
  const example = exampleOf(schema);
  return { schema: add(schema, io), ...(example === undefined ? {} : { example }) };
}

function contentOf({ schema, contentTypes = [] }: Answer, collector: Collector): Content {
  return {
    ...(schema ? { 'application/json': mediaType(schema, 'output', collector) } : {}),
    ...Object.fromEntries(contentTypes.map((type) => [type, { schema: { type: 'string' } }])),
  };
}

type Response = { description: string; headers: ReturnType<typeof headersOf>; content?: Content };

function responsesOf(operation: Operation, collector: Collector): Record<string, Response> {
  const { answer, otherAnswer, limits } = operation;
  const isLimited = limits !== undefined;
  const responses: Record<string, Response> = {};
  for (const { status, description, ...rest } of otherAnswer ? [answer, otherAnswer] : [answer]) {
    const content = contentOf({ status, description, ...rest }, collector);
    responses[status] = {
      description,
      headers: headersOf({ status, isProblem: false, isLimited }),
      ...(Object.keys(content).length > 0 ? { content } : {}),
    };
  }
  const codes = problemsOf(operation);
  for (const status of new Set(codes.map((code) => PROBLEMS[code].status)))
    responses[status] = {
      description: codes.filter((code) => PROBLEMS[code].status === status).join(', '),
      headers: headersOf({ status, isProblem: true, isLimited }),
      content: { 'application/problem+json': { schema: collector.problem() } },
    };
  return responses;
}

type Limit = {
  requests: number;
  seconds: number;
  per: 'address' | 'workspace';
  /** The requests that the limit applies to. If omitted, it applies to all. */
  only?: string;
};

/** Returns the limits enforced by the route, with the values configured for this deployment. */
function limitsOf({ limits }: Operation, policies: Policies): Limit[] {
  const counted = (name: PolicyName, per: Limit['per'], only?: string): Limit => ({
    requests: policies[name].limit,
    seconds: policies[name].windowSeconds,
    per,
    ...(only === undefined ? {} : { only }),
  });
  const { address, workspace, workspaceFor } = limits ?? {};
  return [
    ...(address ? [counted(address, 'address')] : []),
    ...(workspace ? [counted(workspace, 'workspace', workspaceFor?.name)] : []),
  ];
}

/** Describes the request body. It's required unless the schema accepts an empty object. */
function requestBodyOf({ access, body }: Operation, collector: Collector) {
  if (body === undefined) return {};
  const type = access === 'browser' ? 'application/x-www-form-urlencoded' : 'application/json';
  const content: Content = { [type]: mediaType(body, 'input', collector) };
  return { requestBody: { required: !body.safeParse({}).success, content } };
}

function describeOperation(operation: Operation, collector: Collector, policies: Policies) {
  const { id, tag, summary, description, access } = operation;
  const parameters = parametersOf(operation, collector);
  const limits = limitsOf(operation, policies);
  const strictest = limits
    .filter(({ only }) => only === undefined)
    .sort((a, b) => a.requests / a.seconds - b.requests / b.seconds)[0];
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description ? { description } : {}),
    ...(INTERNAL.has(tag) ? { 'x-internal': true } : {}),
    ...(isRole(access) ? { 'x-role': access } : {}),
    ...(strictest
      ? {
          'x-rate-limit': { requests: strictest.requests, seconds: strictest.seconds },
          'x-rate-limits': limits,
        }
      : {}),
    'x-problems': problemsOf(operation),
    security: SECURITY[access],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...requestBodyOf(operation, collector),
    responses: responsesOf(operation, collector),
  };
}

export type DocumentedOperation = ReturnType<typeof describeOperation>;

/** Returns the routes that have a description, in the order of `routes`. */
function operationsOf(routes: Routes): Operation[] {
  return Object.entries(routes).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { spec }]) =>
      'undescribed' in spec ? [] : [{ ...spec, path, method: method.toLowerCase() as Operation['method'] }],
    ),
  );
}

/**
 * Creates the OpenAPI 3.1 document from the very specs that the routes enforce, so the two can't diverge.
 *
 * @param config this deployment's URL and rate limits
 * @see https://spec.openapis.org/oas/v3.1.1.html
 */
export function openApiDocument(
  { publicUrl, rateLimits }: Pick<Config, 'publicUrl' | 'rateLimits'>,
  routes: Routes,
) {
  const policies = policiesWith(rateLimits);
  const collector = schemaCollector();
  const paths: Record<string, Record<string, DocumentedOperation>> = {};
  for (const operation of operationsOf(routes))
    paths[operation.path] = {
      ...paths[operation.path],
      [operation.method]: describeOperation(operation, collector, policies),
    };
  return {
    openapi: '3.1.1',
    info: {
      title: 'PulseStream control plane for GitHub connections',
      version: 'v1',
      description: 'JSON in and out, times in RFC 3339 UTC. Unknown fields are refused.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: publicUrl }],
    tags: TAGS.map((name) => ({ name })),
    paths,
    components: {
      schemas: collector.components,
      headers: RESPONSE_HEADERS,
      securitySchemes: SECURITY_SCHEMES,
    },
  };
}
