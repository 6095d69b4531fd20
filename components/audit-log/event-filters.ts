/**
 * The filters in the page's URL and form. Their values are text. Unlike the API's filters, `from` and `to` are whole
 * days.
 */
export const FILTER_NAMES = [
  'type',
  'actor',
  'installation_id',
  'repository',
  'ip',
  'from',
  'to',
  'q',
  'syncs',
] as const;
export type FilterName = (typeof FILTER_NAMES)[number];
export type EventFilters = Partial<Record<FilterName, string>>;

/**
 * Returns the names of the filters that exclude events. `syncs: show` does not count, because it lists more events than
 * the default.
 */
export function activeFilters(filters: EventFilters): FilterName[] {
  return FILTER_NAMES.filter(
    (name) =>
      filters[name] !== undefined && filters[name] !== '' && (name !== 'syncs' || filters.syncs === 'hide'),
  );
}

/**
 * Returns whether the list leaves out tokens minted by our own syncs. By default it does, unless the filters name an
 * actor.
 */
export function hidesSyncs({ syncs, actor }: EventFilters): boolean {
  return syncs === 'hide' || (syncs === undefined && actor === undefined);
}

/** Returns the URL filtered to these days. All other parameters stay as they are. */
export function hrefOfDays(href: string, from: string, to: string): string {
  // `URL` needs an origin. Any will do, because only the path and the query are used.
  const { pathname, searchParams } = new URL(href, 'http://localhost');
  searchParams.set('from', from);
  searchParams.set('to', to);
  return `${pathname}?${searchParams}`;
}
