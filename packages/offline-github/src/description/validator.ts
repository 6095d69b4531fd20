import type { AnySchemaObject, ErrorObject } from 'ajv';
import { compile, type Validate } from './compile';

const compiled = new Map<string, Validate>();

/**
 * Compares a value with a schema, which is compiled at first use.
 *
 * @param key names the schema for the whole process
 * @returns what is wrong, in words; empty if nothing is
 */
export function violations(
  key: string,
  makeSchema: () => AnySchemaObject,
  value: unknown,
  { fromText = false }: { fromText?: boolean } = {},
): string[] {
  let validate = compiled.get(key);
  if (!validate) {
    validate = compile(makeSchema(), { fromText });
    compiled.set(key, validate);
  }
  return validate(value) ? [] : (validate.errors ?? []).map(inWords);
}

function inWords({ instancePath, message, params }: ErrorObject): string {
  const { additionalProperty, allowedValues } = params as Record<string, unknown>;
  const extra = additionalProperty ?? allowedValues;
  const detail = extra === undefined ? '' : ` (${JSON.stringify(extra)})`;
  // Reports the path of the value, never the value: a response may contain a token.
  return `${instancePath === '' ? '/' : instancePath} ${message ?? 'is wrong'}${detail}`;
}
