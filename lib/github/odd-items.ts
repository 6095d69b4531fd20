import { z } from 'zod';
import { log } from '../observability/log';

/** An item of a list that cannot be read. GitHub still lists it, so what is stored of it is not taken for removed. */
export type OddItem = {
  /** `null` if not even the id can be read. One beyond 2^53 is a `bigint`, and is never rounded. */
  id: number | bigint | null;
  /** `owner/name` of a repository or login of an account, where it can be read. */
  name: string | null;
};

/** The log names so many of one answer at most, and always how many there are. */
const MAX_NAMED = 20;
/** PostgreSQL stores no NUL and no half of a surrogate pair; either would make the whole write fail. */
const isStorable = (text: string) => !text.includes('\u0000') && text.isWellFormed();

/** A text that can be stored and paged by. GitHub's own names have 100 characters at most. */
export const StorableText = z.string().min(1).max(200).refine(isStorable);
export const StorableUrl = z.string().min(1).max(2000).refine(isStorable);

const Named = z.object({
  id: z.union([z.int(), z.bigint()]).nullish().catch(null),
  full_name: z.string().nullish().catch(null),
  account: z.object({ login: z.string() }).nullish().catch(null),
});

/**
 * Reads the items of a list one by one: an odd one costs that item, and is named in the log by its id, its name and the
 * fields that are wrong, never by their values.
 */
export function readItems<T>(
  route: string,
  items: readonly unknown[],
  schema: z.ZodType<T>,
): { read: T[]; odd: OddItem[] } {
  const read: T[] = [];
  const odd: OddItem[] = [];
  const named: object[] = [];
  for (const item of items) {
    const parsed = schema.safeParse(item);
    if (parsed.success) {
      read.push(parsed.data);
      continue;
    }
    const described = identify(item);
    odd.push(described);
    const fields = parsed.error.issues.map(({ path }) => path.join('.'));
    named.push({ id: described.id?.toString() ?? null, name: described.name, fields });
  }
  if (odd.length > 0)
    log.warn(
      { route, count: odd.length, items: named.slice(0, MAX_NAMED) },
      'GitHub listed items that cannot be read',
    );
  return { read, odd };
}

function identify(item: unknown): OddItem {
  const { data } = Named.safeParse(item);
  const name = data?.full_name ?? data?.account?.login ?? null;
  return { id: data?.id ?? null, name: name === null ? null : name.slice(0, 200) };
}
