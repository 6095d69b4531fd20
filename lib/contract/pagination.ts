import { z } from 'zod';

/** GitHub's ids are numbers in JSON and stay below 2^53. */
export const GitHubId = z.int().positive();

/** An id of GitHub in a path or a query string. */
export const GitHubIdParam = z
  .string()
  .regex(/^[1-9]\d{0,15}$/, { error: 'must be a GitHub id' })
  .transform(Number)
  .pipe(GitHubId);

export const Limit = z
  .string()
  .regex(/^\d{1,3}$/, { error: 'must be a whole number' })
  .transform(Number)
  .pipe(z.number().min(1).max(100))
  .default(50);

/** `{data, next_cursor}`: `next_cursor` goes back in as `cursor`, and is `null` on the last page. */
export function listOf<T extends z.ZodType>(item: T) {
  return z.strictObject({ data: z.array(item), next_cursor: z.string().nullable() });
}

export type List<T> = { data: T[]; next_cursor: string | null };
