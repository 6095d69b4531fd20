/** Generates test payloads for every event from GitHub's published OpenAPI description. */
import description from '@octokit/openapi-webhooks/generated/api.github.com.json' with { type: 'json' };

type Schema = {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  format?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  oneOf?: Schema[];
  anyOf?: Schema[];
  allOf?: Schema[];
};

export type PublishedPayload = { event: string; action: string | undefined; name: string; schema: Schema };

const ROOT: unknown = description;

function resolve(schema: Schema): Schema {
  if (schema.$ref === undefined) return schema;
  let found: unknown = ROOT;
  for (const step of schema.$ref.replace('#/', '').split('/'))
    found = (found as Record<string, unknown>)[step];
  return resolve(found as Schema);
}

type Operation = {
  post: {
    operationId: string;
    requestBody?: { content: Record<string, { schema: Schema }> };
  };
};

/** Returns the payload schemas of every event, one for each action. */
export function publishedPayloads(): PublishedPayload[] {
  const webhooks = (ROOT as { webhooks: Record<string, Operation> }).webhooks;
  return Object.entries(webhooks).flatMap(([name, { post }]) => {
    const schema = post.requestBody?.content['application/json']?.schema;
    if (schema === undefined) return [];
    const event = post.operationId.split('/')[0]?.replaceAll('-', '_') ?? '';
    return variants(schema).map((each) => {
      const action = resolve(each.properties?.action ?? {});
      const only = action.const ?? action.enum?.[0];
      return { event, action: typeof only === 'string' ? only : undefined, name, schema: each };
    });
  });
}

function variants(schema: Schema): Schema[] {
  const resolved = resolve(schema);
  return (resolved.oneOf ?? resolved.anyOf)?.flatMap(variants) ?? [resolved];
}

/** From this depth on, only required properties are generated, and arrays stay empty. */
const DEEP = 5;

/**
 * Generates a random value that the schema allows. Optional properties and nulls occur at random.
 *
 * @param random returns numbers uniformly distributed in [0, 1)
 * @param fullness the probability that an optional property is present; with 0, only required properties are generated
 */
export function generate(given: Schema, random: () => number, fullness = 0.5, depth = 0): unknown {
  const schema = resolve(given);
  const pick = <T>(items: readonly T[]): T | undefined => items[Math.floor(random() * items.length)];
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return pick(schema.enum);
  const types = [schema.type ?? []].flat();
  if (types.includes('null') && random() < 0.2) return null;
  const alternative = schema.oneOf ?? schema.anyOf;
  if (alternative !== undefined) return generate(pick(alternative) ?? {}, random, fullness, depth);
  if (schema.allOf !== undefined)
    return Object.assign({}, ...schema.allOf.map((each) => generate(each, random, fullness, depth)));
  const type =
    types.find((each) => each !== 'null') ?? (schema.properties === undefined ? 'string' : 'object');
  switch (type) {
    case 'object': {
      const required = new Set(schema.required ?? []);
      const chosen = Object.entries(schema.properties ?? {}).filter(
        ([key]) => required.has(key) || (depth < DEEP && random() < fullness),
      );
      return Object.fromEntries(
        chosen.map(([key, each]) => [key, generate(each, random, fullness, depth + 1)]),
      );
    }
    case 'array': {
      const count = depth < DEEP ? Math.floor(random() * 3) : 0;
      return Array.from({ length: count }, () => generate(schema.items ?? {}, random, fullness, depth + 1));
    }
    case 'integer':
    case 'number':
      return 1 + Math.floor(random() * 1_000_000);
    case 'boolean':
      return random() < 0.5;
    case 'null':
      return null;
    default:
      return schema.format === 'date-time' ? '2026-11-29T10:00:00Z' : `text-${Math.floor(random() * 1000)}`;
  }
}

/** Creates a random number generator that returns the same numbers for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
