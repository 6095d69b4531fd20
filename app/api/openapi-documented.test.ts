/**
 * Checks the OpenAPI document itself, and keeps `docs/openapi.json` equal to it. Clients generate their types from this
 * copy, and a reviewer sees in it how a change affects callers.
 */
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openApiDocument } from '@/lib/openapi/document';
import { ROUTES } from './routes';
import { REQUESTS } from './test-requests';

const COPY = '../../docs/openapi.json';
const REWRITE = 'npx vitest run openapi-documented --update';

/** The address and the limits of the examples in the README. */
const DEPLOYMENT = {
  publicUrl: 'https://control-plane.example',
  rateLimits: { mint_user: 20, mint_internal: 30 },
};
const document = openApiDocument(DEPLOYMENT, ROUTES);

type Found = { at: string; value: Record<string, unknown> };

/** Finds every object within a value, with its place. */
function objectsIn(value: unknown, at = ''): Found[] {
  if (typeof value !== 'object' || value === null) return [];
  const below = Object.entries(value).flatMap(([name, inner]) => objectsIn(inner, `${at}/${name}`));
  return [{ at, value: value as Record<string, unknown> }, ...below];
}

const objects = objectsIn(document);

/** Returns a schema of the document as a parser, with every schema that it refers to. */
function parserOf(schema: unknown): z.ZodType {
  const whole = JSON.stringify({ ...Object(schema), $defs: document.components.schemas });
  return z.fromJSONSchema(JSON.parse(whole.replaceAll('#/components/schemas/', '#/$defs/')));
}

it('has an up-to-date copy of the OpenAPI document in docs/openapi.json', async () => {
  const text = `${JSON.stringify(document, null, 2)}\n`;
  await expect(text, `docs/openapi.json is stale; rewrite it: ${REWRITE}`).toMatchFileSnapshot(COPY);
});

describe('the OpenAPI document', () => {
  it('is valid by the schema of OpenAPI 3.1', async () => {
    const validator = new Validator();
    const validate = (value: object) => validator.validate(JSON.parse(JSON.stringify(value)));
    expect(await validate(document)).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
    // The validator notices a mistake.
    expect(await validate({ ...document, paths: { x: {} } })).toMatchObject({ valid: false });
  });

  it('has examples that their schemas accept', () => {
    const given = objects.filter(({ value }) => 'schema' in value && 'example' in value);
    expect(given.length).toBeGreaterThan(20);
    for (const { at, value } of given)
      expect(parserOf(value.schema).safeParse(value.example).error?.issues, at).toBeUndefined();
  });

  it('allows no fields but those that it lists', () => {
    const described = objects.filter(({ value }) => value.type === 'object' && 'properties' in value);
    expect(described.length).toBeGreaterThan(20);
    const open = described.filter(({ value }) => value.additionalProperties !== false);
    expect(open.map(({ at }) => at)).toEqual([]);
  });

  it('has a request in REQUESTS for each operation, which every-answer.db.test.ts sends', () => {
    const ids = Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    );
    expect(Object.keys(REQUESTS).sort()).toEqual(ids.sort());
  });
});
