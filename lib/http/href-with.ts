/** Returns the path with a query string built from the parameters. Skips parameters without a value. */
export function hrefWith(pathname: string, parameters: Record<string, string | null | undefined>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value) query.set(name, value);
  return query.size === 0 ? pathname : `${pathname}?${query}`;
}
