import type { AnySchemaObject } from 'ajv';

type Json = Record<string, unknown>;
/** The schemas of one of GitHub's OpenAPI documents. */
export type Components = { schemas: Record<string, Json> };

const REF = '#/components/schemas/';
/** OpenAPI keywords that JSON Schema does not have. */
const NOT_JSON_SCHEMA: ReadonlySet<string> = new Set([
  'nullable',
  'example',
  'examples',
  'discriminator',
  'xml',
  'externalDocs',
  'deprecated',
  'readOnly',
  'writeOnly',
]);

/**
 * Converts a schema from an OpenAPI 3.0 or 3.1 document to a stand-alone JSON Schema. Components become `$defs`, and
 * `nullable` becomes an alternative.
 */
export function standalone(components: Components, schema: unknown): AnySchemaObject {
  const defs: Record<string, unknown> = {};
  const convert = (value: unknown, isSchema: boolean): unknown => {
    if (Array.isArray(value)) return value.map((each) => convert(each, true));
    if (value === null || typeof value !== 'object') return value;
    const source = value as Json;
    if (typeof source.$ref === 'string') return convertReference(source.$ref);
    const entries = Object.entries(source).filter(([key]) => !(isSchema && NOT_JSON_SCHEMA.has(key)));
    const converted = Object.fromEntries(
      entries.map(([key, inner]) => [
        key,
        VERBATIM.has(key) && isSchema ? inner : convert(inner, isSchema ? !MAPS.has(key) : true),
      ]),
    );
    return isSchema && source.nullable === true ? { anyOf: [converted, { type: 'null' }] } : converted;
  };
  const convertReference = (ref: string): Json => {
    if (!ref.startsWith(REF)) throw new Error(`the description refers to ${ref}, which is no schema`);
    const name = ref.slice(REF.length);
    if (!Object.hasOwn(defs, name)) {
      defs[name] = true;
      defs[name] = convert(components.schemas[name] ?? {}, true);
    }
    return { $ref: `#/$defs/${name}` };
  };
  const root = convert(schema, true) as AnySchemaObject;
  return { ...root, $defs: defs };
}

/**
 * Keywords whose value maps names to schemas. The names are not keywords, even if they look alike: a property may be
 * called `example`.
 */
const MAPS: ReadonlySet<string> = new Set(['properties', 'patternProperties', '$defs', 'definitions']);
/** Keywords whose value is data and contains no schema. */
const VERBATIM: ReadonlySet<string> = new Set(['enum', 'const', 'default', 'required']);
