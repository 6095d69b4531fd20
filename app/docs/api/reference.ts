import type { OperationView } from '@/components/api-reference/operation-card';
import type { JsonSchema } from '@/lib/contract/json-schema';
import type { DocumentedOperation, openApiDocument } from '@/lib/openapi/document';
import { PROBLEMS, type ProblemCode } from '@/lib/problem';
import { curlCommand } from './curl';
import { ANYBODY, type Reader } from './samples';

type Document = ReturnType<typeof openApiDocument>;

const WHO: Record<string, string> = {
  apiKey: 'An API key of the workspace, or an identity token that one of its trust rules matches',
  userJwt: 'Members of the workspace, by session cookie or user JWT',
  session: 'A signed-in browser',
  cronSecret: 'The operator, with CRON_SECRET',
  metricsToken: 'The operator, with METRICS_TOKEN',
  webhookSignature: 'GitHub, by its signature',
};

function who(operation: DocumentedOperation): string {
  const [scheme] = Object.keys(operation.security[0] ?? {});
  const base = scheme === undefined ? 'Anyone' : (WHO[scheme] ?? scheme);
  const role = operation['x-role'];
  const least = role === undefined || role === 'member' ? base : `${base}; ${role} or above`;
  const limits = (operation['x-rate-limits'] ?? []).map(
    ({ requests, seconds, per, only = 'requests' }) =>
      `${requests} ${only} in ${seconds} s for each ${per === 'address' ? 'client address' : 'workspace'}`,
  );
  return limits.length === 0 ? `${least}.` : `${least}. ${limits.join('; ')}.`;
}

/** Returns the operation with the reader's own repository in the example of its body. */
function withOwnExample(
  operation: DocumentedOperation,
  { repository, workspace }: Reader,
): DocumentedOperation {
  const text = JSON.stringify(operation.requestBody?.content ?? {})
    .replaceAll(JSON.stringify(ANYBODY.repository), JSON.stringify(repository))
    .replaceAll(
      `"workspace":${JSON.stringify(ANYBODY.workspace)}`,
      `"workspace":${JSON.stringify(workspace)}`,
    );
  if (operation.requestBody === undefined) return operation;
  return { ...operation, requestBody: { ...operation.requestBody, content: JSON.parse(text) } };
}

function resolve({ components }: Document, schema: JsonSchema | undefined): JsonSchema | null {
  if (schema?.$ref === undefined) return schema ?? null;
  return components.schemas[schema.$ref.split('/').at(-1) ?? ''] ?? null;
}

function toView(
  document: Document,
  path: string,
  method: string,
  operation: DocumentedOperation,
  reader: Reader,
): OperationView {
  const origin = document.servers[0]?.url ?? '';
  const url = `${origin}${path.replace('{workspace}', reader.workspace).replace('{id}', '$ID')}`;
  const [status = '', answer] = Object.entries(operation.responses)[0] ?? [];
  const json = answer?.content?.['application/json'];
  const [body] = Object.values(operation.requestBody?.content ?? {});
  return {
    id: operation.operationId,
    method,
    path,
    summary: operation.summary,
    description: operation.description ?? null,
    who: who(operation),
    parameters: operation.parameters ?? [],
    body: resolve(document, body?.schema),
    curl: curlCommand({
      url,
      method,
      operation: withOwnExample(operation, reader),
      sent: resolve(document, body?.schema),
      answered: resolve(document, json?.schema),
    }),
    answer: {
      status,
      description: answer?.description ?? '',
      schema: json?.schema ?? null,
      example: json?.example === undefined ? null : JSON.stringify(json.example, null, 2),
    },
    problems: (Object.keys(PROBLEMS) as ProblemCode[]).filter((code) =>
      operation['x-problems'].includes(code),
    ),
  };
}

/** Returns the names of the objects that callers send. All other objects appear only in responses. */
export function sentObjects({ paths }: Document): Set<string> {
  const bodies = Object.values(paths)
    .flatMap((methods) => Object.values(methods))
    .flatMap(({ requestBody }) => Object.values(requestBody?.content ?? {}));
  return new Set(bodies.map(({ schema }) => schema.$ref?.split('/').at(-1) ?? ''));
}

type Group = { tag: string; isInternal: boolean; operations: OperationView[] };

/** Groups the operations by tag. A group is internal if customers' programs never call its routes. */
export function operationGroups(document: Document, reader: Reader = ANYBODY): Group[] {
  const groups = new Map<string, Group>();
  for (const [path, methods] of Object.entries(document.paths))
    for (const [method, operation] of Object.entries(methods)) {
      const [tag = ''] = operation.tags;
      const group = groups.get(tag) ?? { tag, isInternal: operation['x-internal'] ?? false, operations: [] };
      group.operations.push(toView(document, path, method, operation, reader));
      groups.set(tag, group);
    }
  return [...groups.values()];
}
