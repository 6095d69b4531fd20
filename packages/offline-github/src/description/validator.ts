import { Ajv, type AnySchemaObject, type ErrorObject, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';

/** Not strict, because the description has its own keywords, such as `x-github-breaking-changes`. */
const OPTIONS = { strict: false, allErrors: true, validateFormats: true } as const;
const exact = withFormats(new Ajv(OPTIONS));
/** Converts text from paths and queries to the type that the schema requires. */
const coercing = withFormats(new Ajv({ ...OPTIONS, coerceTypes: true }));

function withFormats(ajv: Ajv): Ajv {
  addFormats.default(ajv);
  return ajv;
}

const compiled = new Map<string, ValidateFunction>();

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
    validate = (fromText ? coercing : exact).compile(makeSchema());
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
