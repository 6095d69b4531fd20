/**
 * Generates `client/src/generated/api-types.ts` from `docs/openapi.json`: the operations for services, and the schemas
 * that these use. `npm run types -w client` writes the file.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const ROOT = path.resolve(import.meta.dirname, '../..');
const DOCUMENT = path.join(ROOT, 'docs/openapi.json');
export const API_TYPES = path.join(ROOT, 'client/src/generated/api-types.ts');
const SERVICE_PATH = '/api/v1/internal/github/';
const PROBLEM = { $ref: '#/components/schemas/Problem' };

type Operation = { responses: Record<string, { headers?: unknown }> };
type Document = {
  openapi: string;
  info: unknown;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, unknown> };
};

/** Returns the file's text for the document as it is now. */
export async function generateApiTypes(): Promise<string> {
  const document: Document = JSON.parse(readFileSync(DOCUMENT, 'utf8'));
  const paths = mapValues(ofServices(document.paths), (path) => mapValues(path, onlySuccess));
  const schemas = referenced([paths, PROBLEM], document.components.schemas);
  // The generator needs the client's own compiler, so load it from there.
  const load = createRequire(path.join(ROOT, 'client/package.json'));
  const { default: generate, astToString } = await import(
    pathToFileURL(load.resolve('openapi-typescript')).href
  );
  const nodes = await generate(
    withoutProse({ openapi: document.openapi, info: document.info, paths, components: { schemas } }),
  );
  return `/** Generated from docs/openapi.json by \`npm run types -w client\`. */\n${astToString(nodes)}`;
}

const ofServices = (paths: Document['paths']): Document['paths'] =>
  Object.fromEntries(Object.entries(paths).filter(([each]) => each.startsWith(SERVICE_PATH)));

/** Every failure has the same schema, {@link PROBLEM}, so the operations need not repeat it. */
function onlySuccess({ responses, ...operation }: Operation): Operation {
  const entries = Object.entries(responses).filter(([status]) => Number(status) < 400);
  return {
    ...operation,
    responses: Object.fromEntries(entries.map(([status, { headers: _, ...response }]) => [status, response])),
  };
}

/** Removes texts and examples, so that the types change only when a shape does. */
const withoutProse = <T>(value: T): T =>
  JSON.parse(JSON.stringify(value), (key, each: unknown) =>
    (PROSE.has(key) && typeof each === 'string') || EXAMPLES.has(key) ? undefined : each,
  );

const PROSE = new Set(['description', 'summary']);
const EXAMPLES = new Set(['example', 'examples']);

const mapValues = <From, To>(record: Record<string, From>, to: (value: From) => To): Record<string, To> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, to(value)]));

/** Returns the schemas that a value refers to, also by other schemas. */
function referenced(value: unknown, schemas: Record<string, unknown>): Record<string, unknown> {
  const names = new Set<string>();
  const collect = (part: unknown): void => {
    for (const [, name = ''] of JSON.stringify(part).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      if (names.has(name)) continue;
      names.add(name);
      collect(schemas[name]);
    }
  };
  collect(value);
  return Object.fromEntries(Object.entries(schemas).filter(([name]) => names.has(name)));
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  writeFileSync(API_TYPES, await generateApiTypes());
