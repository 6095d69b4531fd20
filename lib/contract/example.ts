import type { z } from 'zod';

/** Attaches an example to a schema. The OpenAPI document publishes it. */
export function withExample<T extends z.ZodType>(schema: T, example: z.input<T>): T {
  return schema.meta({ examples: [example] });
}

/** Returns the example that {@link withExample} attached, or `undefined`. */
export function exampleOf(schema: z.ZodType): unknown {
  const examples = schema.meta()?.examples;
  return Array.isArray(examples) ? examples[0] : undefined;
}
