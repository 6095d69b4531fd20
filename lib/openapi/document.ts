import type { z } from 'zod';
import type { Config } from '../config';
import type { JsonSchema } from '../contract/json-schema';
import { PROBLEMS, type ProblemCode } from '../problem';
import { type Policies, type PolicyName, policiesWith } from '../rate-limit/policies';
import { headersOf, RESPONSE_HEADERS } from './headers';
import type { Answer, Credential, Operation } from './operation';
import { OPERATIONS } from './operations';
import { schemaCollector } from './schemas';

const bearer = (description: string) => ({ type: 'http', scheme: 'bearer', description });

const SECURITY_SCHEMES = {
  apiKey: bearer('An API key of the workspace: psk_…'),
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

const SECURITY: Record<Credential, Partial<Record<keyof typeof SECURITY_SCHEMES, []>>[]> = {
  user: [{ userJwt: [] }, { session: [] }],
  apiKey: [{ apiKey: [] }],
  session: [{ session: [] }],
  cronSecret: [{ cronSecret: [] }],
  metricsToken: [{ metricsToken: [] }],
  webhookSignature: [{ webhookSignature: [] }],
  none: [],
};

/** The codes with which a route can answer: what its policy implies, and its own. */
function problemsOf(operation: Operation): ProblemCode[] {
  const { credential, role, rateLimit, method, query, params, problems = [] } = operation;
  // Where no body is described, one that holds anything is refused.
  const body = method !== 'get' && credential !== 'webhookSignature';
  const codes = new Set<ProblemCode>([
    ...(query || body ? (['invalid_request'] as const) : []),
    ...(body ? (['payload_too_large', 'unsupported_media_type'] as const) : []),
    ...(['user', 'apiKey', 'cronSecret', 'metricsToken'].includes(credential)
      ? (['unauthenticated'] as const)
      : []),
    ...(credential === 'user' ? (['forbidden'] as const) : []),
    ...(role || params ? (['not_found'] as const) : []),
    ...(rateLimit ? (['rate_limited'] as const) : []),
    ...problems,
    ...(credential === 'none' ? [] : (['database_unavailable'] as const)),
    'internal',
  ]);
  return (Object.keys(PROBLEMS) as ProblemCode[]).filter((code) => codes.has(code));
}

type Collector = ReturnType<typeof schemaCollector>;

type Parameter = { name: string; in: 'path' | 'query'; required: boolean; schema: JsonSchema };

function parametersOf({ path, params, query }: Operation, { add }: Collector): Parameter[] {
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
  return [...inPath, ...(params ? of('path', params) : []), ...(query ? of('query', query) : [])];
}

type Content = Record<string, { schema: JsonSchema; example?: object }>;

function contentOf({ schema, contentTypes = [] }: Answer, { add }: Collector): Content {
  return {
    ...(schema ? { 'application/json': { schema: add(schema, 'output') } } : {}),
    ...Object.fromEntries(contentTypes.map((type) => [type, { schema: { type: 'string' } }])),
  };
}

type Response = { description: string; headers: ReturnType<typeof headersOf>; content?: Content };

function responsesOf(operation: Operation, collector: Collector): Record<string, Response> {
  const { answer, otherAnswer, rateLimit } = operation;
  const isLimited = rateLimit !== undefined;
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
  /** Which of the requests; left out: all. */
  only?: string;
};

/** What the route enforces, by the one table of policies as configured. */
function limitsOf({ rateLimit, workspaceLimit }: Operation, policies: Policies): Limit[] {
  const limit = (name: PolicyName) => ({
    requests: policies[name].limit,
    seconds: policies[name].windowSeconds,
  });
  return [
    ...(rateLimit ? [{ ...limit(rateLimit), per: 'address' as const }] : []),
    ...(workspaceLimit
      ? [
          {
            ...limit(workspaceLimit.policy),
            per: 'workspace' as const,
            ...(workspaceLimit.only === undefined ? {} : { only: workspaceLimit.only }),
          },
        ]
      : []),
  ];
}

function describeOperation(operation: Operation, collector: Collector, policies: Policies) {
  const { id, tag, summary, description, credential, role, body, bodyOptional, example } = operation;
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
    ...(role ? { 'x-role': role } : {}),
    ...(strictest
      ? {
          'x-rate-limit': { requests: strictest.requests, seconds: strictest.seconds },
          'x-rate-limits': limits,
        }
      : {}),
    'x-problems': problemsOf(operation),
    security: SECURITY[credential],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body
      ? {
          requestBody: {
            required: bodyOptional !== true,
            content: {
              [operation.bodyType ?? 'application/json']: {
                schema: collector.add(body, 'input'),
                ...(example ? { example } : {}),
              },
            } satisfies Content,
          },
        }
      : {}),
    responses: responsesOf(operation, collector),
  };
}

export type DocumentedOperation = ReturnType<typeof describeOperation>;

/**
 * The OpenAPI 3.1 document, from the schemas that validate.
 *
 * @param config where this deployment is reached, and how often
 * @see https://spec.openapis.org/oas/v3.1.1.html
 */
export function openApiDocument({ publicUrl, rateLimits }: Pick<Config, 'publicUrl' | 'rateLimits'>) {
  const policies = policiesWith(rateLimits);
  const collector = schemaCollector();
  const paths: Record<string, Record<string, DocumentedOperation>> = {};
  for (const operation of OPERATIONS)
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
    paths,
    components: {
      schemas: collector.components,
      headers: RESPONSE_HEADERS,
      securitySchemes: SECURITY_SCHEMES,
    },
  };
}
