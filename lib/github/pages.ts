import { log } from '../observability/log';

/** The largest page that GitHub serves. */
export const PER_PAGE = 100;

/** A million items. A server that goes on for longer never ends. */
export const MAX_PAGES = 10_000;
/** Pages in a row that bring nothing new and still announce a next one: the list does not end by itself. */
const MAX_BARREN_PAGES = 5;

/** One link of a header: its target in angle brackets, then parameters, whose quoted values may hold any separator. */
const LINK = /<([^>]*)>((?:[^,"]|"[^"]*")*)/g;
const RELATION = /^rel\s*=\s*(?:"([^"]*)"|(\S*))\s*$/i;

/**
 * Finds the target of the link to the next page. Names of parameters and relations ignore case, need no quotes and may
 * be several.
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
 * Whether another page follows. The link decides, not the number of items: pages may be shorter than asked for. Only
 * without any link a full page counts as a hint, for proxies that drop the header.
 *
 * @see https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api
 */
export function hasNext(link: string | undefined, count: number): boolean {
  return link === undefined ? count >= PER_PAGE : nextLink(link) !== undefined;
}

/** Counts pages that bring nothing new, so that a list which repeats itself for ever is left. */
export class EndlessList {
  #barren = 0;

  constructor(private readonly route: string) {}

  /** @returns whether the list is to be left although GitHub announces another page */
  isEndless(page: number, newItems: number): boolean {
    this.#barren = newItems > 0 ? 0 : this.#barren + 1;
    const isEndless = this.#barren >= MAX_BARREN_PAGES || page >= MAX_PAGES;
    if (isEndless)
      log.warn({ route: this.route, page }, 'a list of GitHub does not end; the rest is not read');
    return isEndless;
  }
}

/** One page of a list, with what identifies its items. */
export type ListPage = { keys: readonly unknown[]; link: string | undefined };

/**
 * Reads a list page by page, to its last one.
 *
 * @returns `false` if the list did not end: what is missing from the pages may exist all the same
 */
export async function readPages(
  route: string,
  readPage: (page: number) => Promise<ListPage | 'stop'>,
): Promise<boolean> {
  const seen = new Set<unknown>();
  const endless = new EndlessList(route);
  for (let page = 1; ; page++) {
    const answer = await readPage(page);
    if (answer === 'stop') return true;
    const before = seen.size;
    for (const key of answer.keys) seen.add(key);
    if (!hasNext(answer.link, answer.keys.length)) return true;
    if (endless.isEndless(page, seen.size - before)) return false;
  }
}
