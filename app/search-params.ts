/** Parameters of a page's address. */
export type Query = Record<string, string | string[] | undefined>;

/** The query of a page as Next gives it. */
export type SearchParams = Promise<Query>;

/** The first of the values that a parameter has; empty ones count as absent, as an empty form field sends them. */
export function firstValue(value: string | string[] | undefined): string | undefined {
  const first = Array.isArray(value) ? value[0] : value;
  return first === undefined || first.trim() === '' ? undefined : first.trim();
}
