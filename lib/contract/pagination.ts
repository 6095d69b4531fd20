import { z } from 'zod';
import { exampleOf } from './example';

/** GitHub's ids are JSON numbers below 2^53. */
export const GitHubId = z.int().positive();

/** An id of GitHub in a path or a query string. */
export const GitHubIdParam = z
  .string()
  .regex(/^[1-9]\d{0,15}$/, { error: 'must be a GitHub id' })
  .transform(Number)
  .pipe(GitHubId);

/** Text from a caller. U+0000 is refused, because PostgreSQL cannot store it. */
export const Text = (max: number) =>
  z
    .string()
    .max(max)
    .refine((text) => !text.includes('\u0000'), { error: 'must not hold U+0000' });

/** The most characters of a search. */
const MAX_SEARCH = 200;

/** Reads a search of a page, without U+0000 and cut. The API refuses such a text instead. */
export function searchText(text: string): string {
  return text.replaceAll('\u0000', '').slice(0, MAX_SEARCH);
}

export const Limit = z
  .string()
  .regex(/^\d{1,9}$/, { error: 'must be a whole number' })
  .transform(Number)
  .pipe(z.number().min(1, { error: 'must be at least 1' }).max(100, { error: 'must be at most 100' }))
  .default(50);

/**
 * Returns the schema of `{data, next_cursor}`. `next_cursor` is the next page's `cursor`, and `null` on the last
 * page.
 */
export function listOf<T extends z.ZodType>(item: T) {
  const page = z.strictObject({ data: z.array(item), next_cursor: z.string().nullable() });
  return page.meta({ examples: [{ data: [exampleOf(item)], next_cursor: null }] });
}

export type List<T> = { data: T[]; next_cursor: string | null };
