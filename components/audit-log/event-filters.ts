/** The filters of the address and the form. They are text, and hold days instead of instants. */
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

/** Returns the filters that leave events out. `syncs: show` is none of them, because the page hides syncs by default. */
export function activeFilters(filters: EventFilters): FilterName[] {
  return FILTER_NAMES.filter(
    (name) =>
      filters[name] !== undefined && filters[name] !== '' && (name !== 'syncs' || filters.syncs === 'hide'),
  );
}

/** Returns whether tokens of syncs are left out: by default, unless the filters name an actor. */
export function hidesSyncs({ syncs, actor }: EventFilters): boolean {
  return syncs === 'hide' || (syncs === undefined && actor === undefined);
}

/** Returns the address with these days in it. Other parameters stay as they are, whatever they hold. */
export function hrefOfDays(href: string, from: string, to: string): string {
  // The origin is arbitrary, because only path and query are used.
  const { pathname, searchParams } = new URL(href, 'http://localhost');
  searchParams.set('from', from);
  searchParams.set('to', to);
  return `${pathname}?${searchParams}`;
}
