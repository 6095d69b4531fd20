/**
 * The filters in the address of the audit log. All values are text. The names are those of the API, whose times are exact;
 * `from` and `to` may also be a day, a local time or an age here.
 */
export const FILTER_NAMES = [
  'type',
  'actor',
  'installation_id',
  'repository',
  'ip',
  'result',
  'from',
  'to',
  'q',
  'syncs',
] as const;
export type FilterName = (typeof FILTER_NAMES)[number];
export type EventFilters = Partial<Record<FilterName, string>>;

/** The other parameters of the address: how the list is shown, and where it is opened. */
export const VIEW_NAMES = ['order', 'columns', 'zone', 'cursor', 'event', 'verify'] as const;
export type AuditLogAddress = {
  [Name in FilterName | (typeof VIEW_NAMES)[number]]?: string | null | undefined;
};

/**
 * Returns the address of a workspace's audit log with these filters: the one way to link to it. Leaves out filters without
 * a value.
 */
export function auditLogHref(workspaceSlug: string, address: AuditLogAddress = {}): string {
  const query = new URLSearchParams();
  for (const name of [...FILTER_NAMES, ...VIEW_NAMES]) {
    const value = address[name];
    if (value) query.set(name, value);
  }
  const path = `/w/${workspaceSlug}/audit-log`;
  return query.size === 0 ? path : `${path}?${query}`;
}
