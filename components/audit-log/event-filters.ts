import { type AuditLogAddress, FILTER_NAMES, type FilterName } from '@/lib/contract/audit-log-href';

/**
 * Returns the names of the filters that narrow the list. `syncs: show` isn't one of them, because it widens the list.
 */
export function activeFilters(filters: AuditLogAddress): FilterName[] {
  return FILTER_NAMES.filter(
    (name) => Boolean(filters[name]) && (name !== 'syncs' || filters.syncs === 'hide'),
  );
}

/** True if the list hides tokens minted by our own syncs. That's the default, unless the list is filtered by actor. */
export function hidesSyncs({ syncs, actor }: AuditLogAddress): boolean {
  return syncs === 'hide' || (syncs === undefined && !actor);
}

/** Returns the URL narrowed to this period, with all other parameters but the page of the list unchanged. */
export function hrefOfPeriod(
  href: string,
  { from, to }: { from: string; to: string },
  zone?: string,
): string {
  // `URL` needs an origin. Any origin will do, because we drop it again.
  const { pathname, searchParams } = new URL(href, 'http://localhost');
  searchParams.delete('cursor');
  searchParams.set('from', from);
  searchParams.set('to', to);
  if (zone === undefined) searchParams.delete('zone');
  else searchParams.set('zone', zone);
  return `${pathname}?${searchParams}`;
}
