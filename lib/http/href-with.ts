/** Returns the path, with the parameters that have a value as its query string. */
export function hrefWith(pathname: string, parameters: Record<string, string | null | undefined>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value) query.set(name, value);
  return query.size === 0 ? pathname : `${pathname}?${query}`;
}
