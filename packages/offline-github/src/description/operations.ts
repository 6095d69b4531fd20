import {
  type OperationObject,
  type Parameter,
  resolveParameter,
  resolveResponse,
  restDocument,
} from './documents';
import { WRONG_SCHEMAS } from './exceptions';

export interface Operation {
  /** Method and path as in GitHub's reference: `GET /app/installations/{installation_id}`. */
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly described: OperationObject;
}
interface Path {
  template: string;
  pattern: RegExp;
  names: string[];
  /**
   * The number of path parameters. Paths with fewer are tried first, so `/app/hook/config` wins over `/app/{x}/config`.
   */
  variables: number;
}

let paths: Path[] | undefined;

/**
 * Returns the operation that GitHub describes for this method and path, with the values of its path parameters, or
 * null.
 */
export function findOperation(
  method: string,
  path: string,
): { operation: Operation; values: Record<string, string> } | null {
  paths ??= Object.keys(restDocument().paths)
    .map(compile)
    .sort((a, b) => a.variables - b.variables);
  for (const { template, pattern, names } of paths) {
    const found = pattern.exec(path);
    const described = found && restDocument().paths[template]?.[method.toLowerCase()];
    if (!found || !described) continue;
    const values = Object.fromEntries(
      names.map((name, at) => [name, decodeURIComponent(found[at + 1] ?? '')]),
    );
    const parameters = (described.parameters ?? []).map(resolveParameter);
    return { operation: { name: `${method} ${template}`, parameters, described }, values };
  }
  return null;
}

function compile(template: string): Path {
  const names = [...template.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name ?? '');
  const isLong = hasLongParameter(template);
  const source = template
    .split(/\{[^}]+\}/)
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .reduce((left, right, at) => `${left}${isLong && at === names.length ? '(.+)' : '([^/]+)'}${right}`);
  return { template, pattern: new RegExp(`^${source}$`), names, variables: names.length };
}

/** True if the last parameter may contain slashes, such as a path within a repository. */
function hasLongParameter(template: string): boolean {
  const operations = Object.values(restDocument().paths[template] ?? {});
  return operations.some(({ parameters = [] }) =>
    parameters.map(resolveParameter).some((each) => each['x-multi-segment'] === true),
  );
}

/** Returns the JSON Schema of a response: `undefined` for an undescribed status, `null` for an empty body. */
export function answerSchema(operation: Operation, status: number): unknown {
  const corrected = WRONG_SCHEMAS[`${operation.name} ${status}`];
  if (corrected) return corrected.heldTo;
  const described = operation.described.responses[String(status)];
  if (described === undefined) return undefined;
  const { content } = resolveResponse(described);
  return content?.['application/json']?.schema ?? null;
}
