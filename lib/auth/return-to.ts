/**
 * A header with the path and query of the page being requested. `proxy.ts` sets it on every page request and overwrites
 * any value sent by the client.
 */
export const PAGE_HEADER = 'x-page';

const NOWHERE = 'http://localhost';

/** Matches paths never to return to after sign-in: they would show the sign-in page again, or JSON. */
const NO_RETURN = /^\/(?:sign-in|api)(?:[/?#]|$)/;

/**
 * Returns the path to open after sign-in. Returns `/` for anything that a browser might read as another origin
 * (`//host`, `/\host`, an embedded tab, a scheme), so a sign-in link can't redirect to another site.
 */
export function safeReturnTo(value: unknown): string {
  if (typeof value !== 'string' || !/^\/(?![/\\])/.test(value) || !URL.canParse(value, NOWHERE)) return '/';
  const url = new URL(value, NOWHERE);
  const path = `${url.pathname}${url.search}${url.hash}`;
  return url.origin === NOWHERE && !path.startsWith('//') && !NO_RETURN.test(path) ? path : '/';
}
