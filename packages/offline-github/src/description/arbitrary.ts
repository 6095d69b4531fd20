import fc from 'fast-check';

type Schema = { [key: string]: unknown };

/** How far generated values may go beyond GitHub's OpenAPI description. */
export interface ArbitraryOptions {
  /**
   * Adds undescribed fields and enum values, and ids above 2^53. The description doesn't rule them out, so clients must
   * cope.
   */
  surprises?: boolean;
}

const MAX_DEPTH = 12;
const MAX_ITEMS = 4;
/** The largest id that fits into a signed 64-bit integer. */
const INT64_MAX = 9_223_372_036_854_775_807n;

/**
 * Turns a stand-alone JSON Schema (see json-schema.ts) into a fast-check arbitrary that generates values the schema
 * allows. Optional fields are sometimes absent, nullable fields are sometimes null, and every alternative occurs.
 *
 * In rare cases a value violates the schema, because the merge of `allOf` is simplified and `pattern`, `not` and `if`
 * are ignored.
 */
export function arbitraryOf(schema: unknown, options: ArbitraryOptions = {}): fc.Arbitrary<unknown> {
  const defs = (isSchema(schema) ? schema.$defs : undefined) as Record<string, unknown> | undefined;
  return new Generator(defs ?? {}, options).of(schema, 0);
}

class Generator {
  /** Caches each component's arbitrary, because a schema refers to the same component hundreds of times. */
  readonly #known = new Map<string, fc.Arbitrary<unknown>>();

  constructor(
    private readonly defs: Record<string, unknown>,
    private readonly options: ArbitraryOptions,
  ) {}

  of(schema: unknown, depth: number): fc.Arbitrary<unknown> {
    if (!isSchema(schema)) return fc.constantFrom<unknown>(null, 1, 'anything');
    if (depth > MAX_DEPTH) return fc.constant(null);
    if (typeof schema.$ref === 'string') return this.#reference(schema.$ref, depth);
    if ('const' in schema) return fc.constant(schema.const);
    if (Array.isArray(schema.enum)) return this.#oneOf(schema.enum);
    const alternatives = schema.anyOf ?? schema.oneOf;
    if (Array.isArray(alternatives)) return this.#alternatives(schema, alternatives, depth);
    if (Array.isArray(schema.allOf)) return this.#merged(schema, schema.allOf, depth);
    return this.#ofType(schema, depth);
  }

  #reference(ref: string, depth: number): fc.Arbitrary<unknown> {
    const name = ref.replace(/^#\/(?:\$defs|definitions)\//, '');
    const key = `${name} ${depth}`;
    const known = this.#known.get(key);
    if (known) return known;
    const made = this.of(this.defs[name], depth + 1);
    this.#known.set(key, made);
    return made;
  }

  #oneOf(values: unknown[]): fc.Arbitrary<unknown> {
    const declared = fc.constantFrom(...values);
    const isText = values.some((value) => typeof value === 'string');
    if (!this.options.surprises || !isText) return declared;
    return fc.oneof(
      { weight: 9, arbitrary: declared },
      { weight: 1, arbitrary: fc.constant('something-new') },
    );
  }

  #alternatives(schema: Schema, alternatives: unknown[], depth: number): fc.Arbitrary<unknown> {
    const { anyOf: _anyOf, oneOf: _oneOf, ...common } = schema;
    return fc.oneof(
      ...alternatives.map((each) =>
        this.of(isSchema(each) && 'properties' in common ? this.#mergeAll([common, each]) : each, depth + 1),
      ),
    );
  }

  #merged(schema: Schema, parts: unknown[], depth: number): fc.Arbitrary<unknown> {
    const { allOf: _, ...own } = schema;
    return this.of(this.#mergeAll([own, ...parts]), depth + 1);
  }

  #mergeAll(parts: unknown[]): Schema {
    const merged: Schema = {};
    const properties: Schema = {};
    const required = new Set<unknown>();
    for (const part of parts.map((each) => this.#resolved(each))) {
      for (const [key, value] of Object.entries(part)) if (key !== '$defs') merged[key] = value;
      Object.assign(properties, part.properties);
      if (Array.isArray(part.required)) for (const name of part.required) required.add(name);
    }
    if (Object.keys(properties).length > 0) merged.properties = properties;
    return { ...merged, required: [...required] };
  }

  #resolved(part: unknown): Schema {
    if (!isSchema(part)) return {};
    if (typeof part.$ref === 'string')
      return this.#resolved(this.defs[part.$ref.replace(/^#\/(?:\$defs|definitions)\//, '')]);
    return Array.isArray(part.allOf) ? this.#mergeAll([{ ...part, allOf: undefined }, ...part.allOf]) : part;
  }

  #ofType(schema: Schema, depth: number): fc.Arbitrary<unknown> {
    const types = [
      schema.type ?? (schema.properties || schema.additionalProperties ? 'object' : undefined),
    ].flat();
    return fc.oneof(...types.map((type) => this.#ofOneType(type, schema, depth)));
  }

  #ofOneType(type: unknown, schema: Schema, depth: number): fc.Arbitrary<unknown> {
    switch (type) {
      case 'object':
        return this.#object(schema, depth);
      case 'array':
        return fc.array(this.of(schema.items, depth + 1), { maxLength: MAX_ITEMS });
      case 'integer':
        return this.#integer(schema);
      case 'number':
        return fc.double({ noNaN: true, noDefaultInfinity: true });
      case 'boolean':
        return fc.boolean();
      case 'null':
        return fc.constant(null);
      case 'string':
        return text(String(schema.format ?? ''));
      default:
        return fc.constantFrom<unknown>(null, 1, 'anything', {}, []);
    }
  }

  #integer(schema: Schema): fc.Arbitrary<unknown> {
    const min = typeof schema.minimum === 'number' ? schema.minimum : 0;
    const max = typeof schema.maximum === 'number' ? schema.maximum : Number.MAX_SAFE_INTEGER;
    const usual = fc.integer({ min, max });
    const isLarge = this.options.surprises && schema.maximum === undefined;
    if (!isLarge) return usual;
    const beyond = fc.bigInt({ min: BigInt(Number.MAX_SAFE_INTEGER) + 1n, max: INT64_MAX });
    return fc.oneof({ weight: 9, arbitrary: usual }, { weight: 1, arbitrary: beyond });
  }

  #object(schema: Schema, depth: number): fc.Arbitrary<unknown> {
    const properties = (schema.properties ?? {}) as Record<string, unknown>;
    const required = Array.isArray(schema.required) ? (schema.required as string[]) : [];
    const model = Object.fromEntries(
      Object.entries(properties).map(([name, inner]) => [name, this.of(inner, depth + 1)]),
    );
    const declared = fc.record(model, {
      requiredKeys: required.filter((name) => name in model),
      noNullPrototype: true,
    });
    if (!this.options.surprises || schema.additionalProperties === false) return declared;
    return fc
      .tuple(declared, fc.boolean())
      .map(([value, isExtended]) =>
        isExtended ? { ...value, field_of_tomorrow: { is: ['new', null] } } : value,
      );
  }
}

const SAMPLE_TIME_MS = { min: Date.UTC(2008, 0), max: Date.UTC(2100, 0) };

function text(format: string): fc.Arbitrary<string> {
  switch (format) {
    case 'date-time':
      return fc.integer(SAMPLE_TIME_MS).map((ms) => new Date(ms).toISOString());
    case 'date':
      return fc.integer(SAMPLE_TIME_MS).map((ms) => new Date(ms).toISOString().slice(0, 10));
    case 'uri':
      return fc.webUrl();
    case 'uri-template':
      return fc.domain().map((domain) => `https://${domain}/users{/other_user}`);
    case 'email':
      return fc.emailAddress();
    case 'uuid':
      return fc.uuid();
    default:
      return fc.oneof(
        { weight: 3, arbitrary: fc.stringMatching(/^[A-Za-z0-9._-]{1,30}$/) },
        { weight: 1, arbitrary: fc.string() },
      );
  }
}

function isSchema(value: unknown): value is Schema {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
