import { firstValue } from '@/app/request';
import { activeFilters, hidesSyncs } from '@/components/audit-log/event-filters';
import { AuditEventsQuery } from '@/lib/contract/audit-event';
import { type EventFilters, FILTER_NAMES, type FilterName } from '@/lib/contract/audit-log-href';
import { hrefWith } from '@/lib/http/href-with';

type Query = Record<string, string | string[] | undefined>;

export type AuditSearch = {
  filters: EventFilters;
  /** The parsed query; `null` if a filter is invalid. */
  query: AuditEventsQuery | null;
  errors: Partial<Record<FilterName, string>>;
  hasErrors: boolean;
};

/** Kept small, because listing more events would slow the page down. */
const EVENTS_A_PAGE = 25;

const DAY_MS = 86_400_000;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Converts a day from the form to midnight UTC, `daysLater` days later. Returns any other text unchanged, so the schema
 * rejects it.
 */
function instant(value: string, daysLater: number): string {
  const midnight = DAY.test(value) ? Date.parse(`${value}T00:00:00Z`) : Number.NaN;
  return Number.isNaN(midnight) ? value : new Date(midnight + daysLater * DAY_MS).toISOString();
}

/**
 * True if `to` is an earlier day than `from`. The schema can't check this, because it gets the start of the day after
 * `to`. If `to` is the day before `from`, the schema sees a valid but empty range.
 */
function isBefore(to: string | undefined, from: string | undefined): boolean {
  return to !== undefined && from !== undefined && DAY.test(to) && DAY.test(from) && to < from;
}

/** Parses the filters and the cursor from the page's URL. */
export function parseAuditSearch(query: Query): AuditSearch {
  const filters: EventFilters = {};
  for (const name of FILTER_NAMES) {
    const value = firstValue(query[name]);
    if (value !== undefined) filters[name] = value;
  }
  if (filters.syncs !== 'show' && filters.syncs !== 'hide') delete filters.syncs;
  const { from, to, syncs: _syncs, ...rest } = filters;
  const cursor = firstValue(query.cursor);
  const parsed = AuditEventsQuery.safeParse({
    ...rest,
    ...(from === undefined ? {} : { from: instant(from, 0) }),
    // The API excludes the end of a range. Pass the start of the next day, so the whole chosen day is included.
    ...(to === undefined ? {} : { to: instant(to, 1) }),
    ...(cursor === undefined ? {} : { cursor }),
    ...(hidesSyncs(filters) ? { syncs: 'hide' } : {}),
    limit: String(EVENTS_A_PAGE),
  });
  if (isBefore(to, from))
    return { filters, query: null, errors: { to: 'must not be before "From"' }, hasErrors: true };
  if (parsed.success) return { filters, query: parsed.data, errors: {}, hasErrors: false };

  const errors: AuditSearch['errors'] = {};
  for (const { path, message } of parsed.error.issues) {
    const name = FILTER_NAMES.find((candidate) => candidate === path[0]);
    if (name !== undefined) errors[name] ??= message;
  }
  return { filters, query: null, errors, hasErrors: true };
}

/** Returns the API URL that lists events with the page's filters. */
export function listHref(slug: string, query: AuditEventsQuery, format?: string): string {
  const { cursor: _cursor, limit: _limit, format: _format, installation_id, ...rest } = query;
  const filters = { ...rest, installation_id: installation_id?.toString() };
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
