import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { compileFunction } from 'node:vm';
import { Ajv, type AnySchemaObject, type ErrorObject, type Options } from 'ajv';
import standaloneCode from 'ajv/dist/standalone/index.js';
import addFormats from 'ajv-formats';

/** The subset of Ajv's validator interface that Ajv's generated code implements too. */
export interface Validate {
  (value: unknown): boolean;
  errors?: null | ErrorObject[];
}

/**
 * We turn off Ajv's strict mode, because GitHub's OpenAPI description has custom keywords such as
 * `x-github-breaking-changes`.
 */
const OPTIONS = { strict: false, allErrors: true, validateFormats: true, code: { source: true } } as const;

const require = createRequire(import.meta.url);
const AJV_VERSION: string = require('ajv/package.json').version;

/**
 * The directory of cached validators, which is deleted along with node_modules. Without node_modules, null: nothing is
 * cached.
 */
const CACHE = existsSync('node_modules') ? 'node_modules/.cache/offline-github' : null;

/**
 * Returns a validator for the schema. Ajv needs 50 to 100 ms to compile one of GitHub's schemas, so we cache the
 * generated code in a file named after the hash of its inputs.
 *
 * @param fromText converts text from paths and queries to the type that the schema requires
 */
export function compile(
  schema: AnySchemaObject,
  { fromText, cache = CACHE }: { fromText: boolean; cache?: string | null },
): Validate {
  const options = { ...OPTIONS, coerceTypes: fromText };
  const source = JSON.stringify([AJV_VERSION, options, schema]);
  if (cache === null) return compileAnew(schema, options).validate;
  const file = path.join(cache, `${createHash('sha256').update(source).digest('hex')}.cjs`);
  const kept = load(file);
  if (kept !== undefined) return kept;
  const { ajv, validate } = compileAnew(schema, options);
  keep(file, standaloneCode(ajv, validate));
  return validate;
}

/** Loads a cached validator. Returns `undefined` if the file is missing or damaged. */
function load(file: string): Validate | undefined {
  try {
    const module: { exports: unknown } = { exports: {} };
    const run = compileFunction(readFileSync(file, 'utf8'), ['module', 'exports', 'require'], {
      filename: path.resolve(file),
    });
    run(module, module.exports, require);
    return typeof module.exports === 'function' ? (module.exports as Validate) : undefined;
  } catch {
    return undefined;
  }
}

function compileAnew(schema: AnySchemaObject, options: Options) {
  const ajv = new Ajv(options);
  addFormats.default(ajv);
  return { ajv, validate: ajv.compile(schema) };
}

/** Writes to a temporary file and then renames it, so other processes never read a half-written validator. */
function keep(file: string, code: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  const draft = `${file}.${randomUUID()}`;
  writeFileSync(draft, code);
  renameSync(draft, file);
}
