import type { AnySchemaObject, ErrorObject } from 'ajv';
import { compile, type Validate } from './compile';

const compiled = new Map<string, Validate>();

/**
 * Checks a value against a schema, which is compiled at first use.
 *
 * @param key identifies the schema in this process
 * @returns the violations, human-readable; empty if there are none
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
  // Report the path of the value but never the value, because a response may contain a token.
  return `${instancePath === '' ? '/' : instancePath} ${message ?? 'is wrong'}${detail}`;
}
