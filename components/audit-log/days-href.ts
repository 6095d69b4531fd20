/** The address with these days in it. Other parameters stay as they are, whatever they hold. */
export function hrefOfDays(href: string, from: string, to: string): string {
  // Any origin will do: only path and query are taken from it.
  const { pathname, searchParams } = new URL(href, 'http://localhost');
  searchParams.set('from', from);
  searchParams.set('to', to);
  return `${pathname}?${searchParams}`;
}
