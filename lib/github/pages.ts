import { z } from 'zod';
import { log } from '../observability/log';

/** The largest page that GitHub serves. */
export const PER_PAGE = 100;

/** The most pages of a list, which hold a million items. */
const MAX_PAGES = 10_000;
/** The most successive pages without a new item, after which a list counts as endless. */
const MAX_BARREN_PAGES = 5;

/** Matches one link of a header: its target, then parameters, whose quoted values may contain any separator. */
const LINK = /<([^>]*)>((?:[^,"]|"[^"]*")*)/g;
const RELATION = /^rel\s*=\s*(?:"([^"]*)"|(\S*))\s*$/i;

/**
 * Finds the target of the link to the next page. A link may have several parameters and relations, whose names ignore
 * case and need no quotes.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8288#section-3
 */
export function nextLink(link: string | undefined): string | undefined {
  for (const [, target, parameters = ''] of (link ?? '').matchAll(LINK))
    for (const parameter of parameters.match(/(?:[^;"]|"[^"]*")+/g) ?? []) {
      const [, quoted, bare] = RELATION.exec(parameter.trim()) ?? [];
      if (/(^|\s)next(\s|$)/i.test(quoted ?? bare ?? '')) return target;
    }
  return undefined;
}

/** One page of a list. `total` is the number of items that GitHub counts; it is a hint, and may never agree. */
export type ListPage = { items: readonly unknown[]; link: string | undefined; total?: number | undefined };

/** How a list was read: `ended` by itself, and `addsUp` if it also holds as many items as GitHub counts. */
type ListRead = { ended: boolean; addsUp: boolean };

/**
 * Reads a list page by page, to its last one. A list that repeats itself without end is left after some pages; items
 * that are missing from its pages may exist.
 *
 * @param readPage returns `stop` when the rest is not needed
 * @param parallel reads this many pages concurrently, as far as the count of the first page promises any
 */
export async function readPages(
  route: string,
  readPage: (page: number) => Promise<ListPage | 'stop'>,
  parallel = 1,
): Promise<ListRead> {
  const keys = new Set<unknown>();
  let total: number | undefined;
  let isConsistent = true;
  let barrenPages = 0;
  let isLast = false;
  let next = 1;
  const readNext = async () => {
    const number = next++;
    const page = await readPage(number);
    if (page === 'stop') {
      isLast = true;
      return;
    }
    if (number === 1) total = page.total;
    if (page.total !== total) isConsistent = false;
    const before = keys.size;
    for (const item of page.items) keys.add(keyOf(item));
    barrenPages = keys.size > before ? 0 : barrenPages + 1;
    if (!hasNext(page, keys.size, total)) isLast = true;
  };
  const isEndless = () => barrenPages >= MAX_BARREN_PAGES || next > MAX_PAGES;
  const readUntil = async (page: number) => {
    while (next <= page && !isLast && !isEndless()) await readNext();
  };
  await readUntil(1);
  const promised = Math.ceil((total ?? 0) / PER_PAGE);
  await Promise.all(Array.from({ length: parallel }, () => readUntil(promised)));
  await readUntil(Number.POSITIVE_INFINITY);
  if (!isLast) log.warn({ route, page: next - 1 }, 'a list of GitHub does not end; the rest is not read');
  return { ended: isLast, addsUp: isLast && isConsistent && (total === undefined || keys.size === total) };
}

/** Identifies an item. One without an id is a key of its own: it is new on every page. */
function keyOf(item: unknown): unknown {
  return (item as { id?: unknown } | null)?.id ?? item;
}

/**
 * Returns whether another page follows. The link decides, because pages may be shorter than requested. Some proxies
 * drop the header. Without any link, the list goes on after a full page, and until it holds the items that GitHub
 * counts or a page is empty.
 *
 * @see https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api
 */
function hasNext({ items, link }: ListPage, read: number, total = 0): boolean {
  if (link !== undefined) return nextLink(link) !== undefined;
  return items.length >= PER_PAGE || (items.length > 0 && read < total);
}

/** An unreadable item of a list. GitHub still lists it, so the stored object does not count as removed. */
export type OddItem = {
  /** `null` if the id is unreadable. An id beyond 2^53 is a `bigint`, and is never rounded. */
  id: number | bigint | null;
  /** The `owner/name` of a repository or the login of an account, if readable. */
  name: string | null;
};

/** The most items that the log names. It always gives the number. */
const MAX_NAMED = 20;
const Named = z.object({
  id: z.union([z.int(), z.bigint()]).nullish().catch(null),
  full_name: z.string().nullish().catch(null),
  account: z.object({ login: z.string() }).nullish().catch(null),
});

/**
 * Reads the items of a list. An unreadable item is skipped. The log names its id, its name and the invalid fields, never
 * their values.
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
