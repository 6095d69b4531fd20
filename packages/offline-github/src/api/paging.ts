import type { HttpContext } from '../http-env';
import type { Urls } from '../settings';

const MAX_PER_PAGE = 100;
const DEFAULT_PER_PAGE = 30;

/**
 * Returns one page of a list and sets its `Link` header.
 * https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api
 */
export function page<T>(c: HttpContext, urls: Urls, items: readonly T[]): T[] {
  const perPage = perPageOf(c);
  const asked = Number.parseInt(c.req.query('page') ?? '1', 10);
  const number = Number.isFinite(asked) && asked > 0 ? asked : 1;
  const last = Math.max(1, Math.ceil(items.length / perPage));
  const links: string[] = [];
  const link = (target: number, rel: string): void => {
    links.push(`<${urlWith(c, urls, { page: String(target) })}>; rel="${rel}"`);
  };
  if (number > 1) link(Math.min(number - 1, last), 'prev');
  if (number < last) {
    link(number + 1, 'next');
    link(last, 'last');
  }
  if (number > 1) link(1, 'first');
  if (links.length > 0) c.header('Link', links.join(', '));
  return items.slice((number - 1) * perPage, number * perPage);
}

/** Returns one page of the deliveries after the request's cursor. `items` must be sorted by id, newest first. */
export function cursorPage<T extends { id: string }>(c: HttpContext, urls: Urls, items: readonly T[]): T[] {
  const perPage = perPageOf(c);
  const cursor = (c.req.query('cursor') ?? '').match(/^v1_(\d+)$/)?.[1];
  const left = cursor === undefined ? items : items.filter(({ id }) => BigInt(id) < BigInt(cursor));
  const found = left.slice(0, perPage);
  const final = found.at(-1);
  if (final && left.length > perPage) {
    c.header('Link', `<${urlWith(c, urls, { cursor: `v1_${final.id}` })}>; rel="next"`);
  }
  return found;
}

function perPageOf(c: HttpContext): number {
  const asked = Number.parseInt(c.req.query('per_page') ?? '', 10);
  return Number.isFinite(asked) && asked > 0 ? Math.min(asked, MAX_PER_PAGE) : DEFAULT_PER_PAGE;
}

function urlWith(c: HttpContext, urls: Urls, query: Record<string, string>): string {
  const url = new URL(`${urls.origin}${c.req.path}`);
  for (const [key, value] of Object.entries({ ...c.req.query(), ...query })) url.searchParams.set(key, value);
  return url.toString();
}
