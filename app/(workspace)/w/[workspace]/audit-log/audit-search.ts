import type { Query } from '@/app/request';
import { activeFilters, hidesSyncs } from '@/components/audit-log/event-filters';
import { readTime } from '@/lib/audit/time-words';
import { AuditEventsQuery } from '@/lib/contract/audit-event';
import { type EventFilters, FILTER_NAMES, type FilterName } from '@/lib/contract/audit-log-href';
import { expandGroups } from '@/lib/contract/event-groups';
import { parseZone } from '@/lib/contract/time-zone';
import { hrefWith } from '@/lib/http/href-with';

export type AuditSearch = {
  /** The filters as the address has them. */
  filters: EventFilters;
  /** The zone of local times in the filters. */
  zone: string;
  /** The parsed query; `null` if a filter is invalid. */
  query: AuditEventsQuery | null;
  errors: Partial<Record<FilterName, string>>;
};

/** Kept small, because listing more events would slow the page down. */
const EVENTS_A_PAGE = 25;

const NOT_A_TIME = 'must be a day, a minute like 2026-11-24T09:30, or an age like 7d';

/** Returns all values of a parameter, with commas between them. A form sends a box that is ticked as one of several. */
export function allValues(value: string | string[] | undefined): string | undefined {
  const text = [value ?? []]
    .flat()
    .map((each) => each.trim())
    .filter(Boolean)
    .join();
  return text === '' ? undefined : text;
}

/** Returns a parameter's value as it was given, without spaces around it. */
export const oneValue = (value: string | string[] | undefined): string | undefined =>
  allValues(Array.isArray(value) ? value[0] : value);

/** Filters that may be given several times. */
const LISTS: ReadonlySet<FilterName> = new Set(['type', 'installation_id', 'ip']);

/** Parses the filters and the cursor from the page's URL. */
export function parseAuditSearch(query: Query, now = new Date()): AuditSearch {
  const filters: EventFilters = {};
  for (const name of FILTER_NAMES) {
    const value = LISTS.has(name) ? allValues(query[name]) : oneValue(query[name]);
    if (value !== undefined) filters[name] = value;
  }
  if (filters.type !== undefined) filters.type = expandGroups(filters.type);
  if (filters.syncs !== 'show' && filters.syncs !== 'hide') delete filters.syncs;
  const zone = parseZone(oneValue(query.zone));
  const { from, to, syncs: _syncs, ...rest } = filters;
  const errors: AuditSearch['errors'] = {};
  const times = {
    from: from === undefined ? undefined : readTime(from, zone, now),
    to: to === undefined ? undefined : readTime(to, zone, now, true),
  };
  for (const name of ['from', 'to'] as const) if (times[name] === null) errors[name] = NOT_A_TIME;
  if (times.from && times.to && times.from >= times.to)
    errors.to = 'must be after the beginning of the range, or the range is empty';

  const cursor = oneValue(query.cursor);
  const order = oneValue(query.order);
  const parsed = AuditEventsQuery.safeParse({
    ...rest,
    ...(times.from && { from: times.from }),
    ...(times.to && { to: times.to }),
    ...(cursor === undefined ? {} : { cursor }),
    ...(order === 'oldest' ? { order } : {}),
    ...(hidesSyncs(filters) ? { syncs: 'hide' } : {}),
    limit: String(EVENTS_A_PAGE),
  });
  for (const { path, message } of parsed.error?.issues ?? []) {
    const name = FILTER_NAMES.find((candidate) => candidate === path[0]);
    if (name !== undefined) errors[name] ??= message;
  }
  const isValid = parsed.success && Object.keys(errors).length === 0;
  return { filters, zone, query: isValid ? parsed.data : null, errors };
}

/** Returns the API URL that lists events with the page's filters. */
export function listHref(slug: string, query: AuditEventsQuery, format?: string): string {
  const { cursor: _cursor, limit: _limit, format: _format, order: _order, ...filters } = query;
  return hrefWith(`/api/v1/workspaces/${slug}/audit-events`, { ...filters, format });
}

/**
 * Returns the URLs for downloading the filtered list, or `null` if a filter is invalid. Without filters, the file also
 * includes the tokens minted by syncs, although the page hides them. Otherwise the chain would have gaps, and couldn't
 * be verified.
 */
export function exportHrefs(
  slug: string,
  { query, filters }: Pick<AuditSearch, 'query' | 'filters'>,
): { csv: string; ndjson: string } | null {
  if (query === null) return null;
  const { syncs, ...rest } = query;
  const exported = activeFilters(filters).length === 0 || syncs === undefined ? rest : { ...rest, syncs };
  return { csv: listHref(slug, exported, 'csv'), ndjson: listHref(slug, exported, 'ndjson') };
}
