/** The filters as they stand in the address and in the form: text, and days rather than instants. */
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

/** Those that leave events out. To show syncs is none: the page hides them by itself. */
export function activeFilters(filters: EventFilters): FilterName[] {
  return FILTER_NAMES.filter(
    (name) =>
      filters[name] !== undefined && filters[name] !== '' && (name !== 'syncs' || filters.syncs === 'hide'),
  );
}

/** Whoever asks for an actor or for syncs sees the tokens of syncs; for others they are in the way. */
export function hidesSyncs({ syncs, actor }: EventFilters): boolean {
  return syncs === 'hide' || (syncs === undefined && actor === undefined);
}
