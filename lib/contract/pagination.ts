import { z } from 'zod';
import { exampleOf } from './example';

/** GitHub's ids are JSON numbers below 2^53. */
export const GitHubId = z.int().positive();

/** A GitHub id in a path or a query string. */
export const GitHubIdParam = z
  .string()
  .regex(/^[1-9]\d{0,15}$/, { error: 'must be a GitHub id' })
  .transform(Number)
  .pipe(GitHubId);

/** Text from a caller, up to `max` characters long. Rejects U+0000, because PostgreSQL can't store it. */
export const Text = (max: number) =>
  z
    .string()
    .max(max)
    .refine((text) => !text.includes('\u0000'), { error: 'must not hold U+0000' });

/**
 * Parses a list with commas between its items, and drops repetitions.
 *
 * @returns the list as text, with each item as its schema writes it
 */
export const listParam = (item: z.ZodType<unknown, string>, most: number) =>
  z.string().transform((text, { addIssue }) => {
    const items = text.split(',').map((each) => item.safeParse(each.trim()));
    const failed = items.find(({ success }) => !success);
    if (failed?.error) addIssue({ code: 'custom', message: failed.error.issues[0]?.message ?? 'is invalid' });
    if (items.length > most) addIssue({ code: 'custom', message: `must have at most ${most} items` });
    return [...new Set(items.map(({ data }) => String(data)))].join();
  });

/** The maximum length of a search term, in characters. */
const MAX_SEARCH = 200;

/** Removes U+0000 from a page's search text and truncates it. The API rejects such text instead. */
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
 * Returns the schema of `{data, next_cursor}`. `next_cursor` is the `cursor` for the next page, or `null` on the last
 * page.
 */
export function listOf<T extends z.ZodType>(item: T) {
  const page = z.strictObject({ data: z.array(item), next_cursor: z.string().nullable() });
  return page.meta({ examples: [{ data: [exampleOf(item)], next_cursor: null }] });
}

export type List<T> = { data: T[]; next_cursor: string | null };
