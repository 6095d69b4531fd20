import { type EventFilters, FILTER_NAMES, type FilterName } from '@/lib/contract/audit-log-href';

/**
 * Returns the names of the filters that narrow the list. `syncs: show` isn't one of them, because it widens the list.
 */
export function activeFilters(filters: EventFilters): FilterName[] {
  return FILTER_NAMES.filter(
    (name) =>
      filters[name] !== undefined && filters[name] !== '' && (name !== 'syncs' || filters.syncs === 'hide'),
  );
}

/** True if the list hides tokens minted by our own syncs. That's the default, unless the list is filtered by actor. */
export function hidesSyncs({ syncs, actor }: EventFilters): boolean {
  return syncs === 'hide' || (syncs === undefined && actor === undefined);
}

/** Returns the URL narrowed to these days, with all other parameters unchanged. */
export function hrefOfDays(href: string, from: string, to: string): string {
  // `URL` needs an origin. Any origin will do, because we drop it again.
  const { pathname, searchParams } = new URL(href, 'http://localhost');
  searchParams.set('from', from);
  searchParams.set('to', to);
  return `${pathname}?${searchParams}`;
}
