/** The filters as they stand in the address and in the form: text, and days rather than instants. */
export const FILTER_NAMES = ['type', 'actor', 'installation_id', 'ip', 'from', 'to', 'q'] as const;
export type FilterName = (typeof FILTER_NAMES)[number];
export type EventFilters = Partial<Record<FilterName, string>>;

export function activeFilters(filters: EventFilters): FilterName[] {
  return FILTER_NAMES.filter((name) => filters[name] !== undefined && filters[name] !== '');
}
