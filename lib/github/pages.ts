import { z } from 'zod';
import { log } from '../observability/log';

/** The largest page size that GitHub allows. */
export const PER_PAGE = 100;

/** Cap on the pages read from one list. Together they hold a million items. */
const MAX_PAGES = 10_000;
/** A list counts as endless after this many pages in a row without a new item. */
const MAX_BARREN_PAGES = 5;

/**
 * Matches one link of a `Link` header: the target URL, then parameters. A quoted value may contain commas and
 * semicolons.
 */
const LINK = /<([^>]*)>((?:[^,"]|"[^"]*")*)/g;
const RELATION = /^rel\s*=\s*(?:"([^"]*)"|(\S*))\s*$/i;

/**
 * Returns the next page's URL from a `Link` header. A link may have several parameters, and `rel` may list several
 * relations. Parameter names are case-insensitive, and quotes are optional.
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

/**
 * One page of a list. `total` is GitHub's count of all items, which is only a hint, because it can differ from the
 * number of items on all pages.
 */
export type ListPage = { items: readonly unknown[]; link: string | undefined; total?: number | undefined };

/**
 * Result of reading a list. `ended`: the last page was reached. `addsUp`: the number of items also matches GitHub's
 * count.
 */
type ListRead = { ended: boolean; addsUp: boolean };

/**
 * Reads all pages of a list. Gives up if several pages in a row bring no new item; an item that wasn't read may then
 * still exist.
 *
 * @param readPage returns `stop` when the remaining pages aren't needed
 * @param parallel number of pages to read concurrently. Pages beyond the first page's `total` are read one by one
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

/** Returns the key that identifies an item. An item without an id is its own key, so it counts as new on every page. */
function keyOf(item: unknown): unknown {
  return (item as { id?: unknown } | null)?.id ?? item;
}

/**
 * Decides whether another page follows. The `Link` header is decisive if present, because a page may be shorter than
 * requested.
 *
 * Some proxies drop the header. Then another page follows if this page is full, or if it isn't empty and fewer items
 * were read than GitHub counts.
 *
 * @see https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api
 */
function hasNext({ items, link }: ListPage, read: number, total = 0): boolean {
  if (link !== undefined) return nextLink(link) !== undefined;
  return items.length >= PER_PAGE || (items.length > 0 && read < total);
}

/** A list item that can't be read. GitHub still lists it, so the object we stored for it must not count as removed. */
export type OddItem = {
  /** `null` if the id is unreadable. An id beyond 2^53 is a `bigint`, because a number would round it. */
  id: number | bigint | null;
  /** A repository's `owner/name` or an account's login, if readable. */
  name: string | null;
};

/** The log describes at most this many unreadable items, but always gives their total number. */
const MAX_NAMED = 20;
const Named = z.object({
  id: z.union([z.int(), z.bigint()]).nullish().catch(null),
  full_name: z.string().nullish().catch(null),
  account: z.object({ login: z.string() }).nullish().catch(null),
});

/**
 * Parses a list's items and skips unreadable items. The log gives each skipped item's id and name and the names of its
 * invalid fields, never their values.
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
