/** The query of a page as Next gives it. */
export type SearchParams = Promise<Record<string, string | string[] | undefined>>;

/** The first of the values that a parameter has; empty ones count as absent, as an empty form field sends them. */
export function firstValue(value: string | string[] | undefined): string | undefined {
  const first = Array.isArray(value) ? value[0] : value;
  return first === undefined || first.trim() === '' ? undefined : first.trim();
}

/** An address with those parameters that have a value. */
export function hrefWith(pathname: string, parameters: Record<string, string | null | undefined>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value) query.set(name, value);
  return query.size === 0 ? pathname : `${pathname}?${query}`;
}
