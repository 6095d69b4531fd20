import type { z } from 'zod';

/** Attaches an example to a schema, for the OpenAPI document. */
export function withExample<T extends z.ZodType>(schema: T, example: z.input<T>): T {
  return schema.meta({ examples: [example] });
}

/** Returns the example attached by {@link withExample}, or `undefined` if there is none. */
export function exampleOf(schema: z.ZodType): unknown {
  const examples = schema.meta()?.examples;
  return Array.isArray(examples) ? examples[0] : undefined;
}
