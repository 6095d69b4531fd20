/**
 * A header with the requested page's path and query. `proxy.ts` sets the header and overwrites any value sent by the
 * client.
 */
export const PAGE_HEADER = 'x-page';

const NOWHERE = 'http://localhost';

/** Matches paths that would lead back to sign-in or show JSON. */
const NO_RETURN = /^\/(?:sign-in|api)(?:[/?#]|$)/;

/**
 * Returns the path to open after a sign-in. Returns `/` instead of a value that a browser could take for another
 * origin: `//host`, `/\host`, a tab inside, or a scheme.
 */
export function safeReturnTo(value: unknown): string {
  if (typeof value !== 'string' || !/^\/(?![/\\])/.test(value) || !URL.canParse(value, NOWHERE)) return '/';
  const url = new URL(value, NOWHERE);
  const path = `${url.pathname}${url.search}${url.hash}`;
  return url.origin === NOWHERE && !path.startsWith('//') && !NO_RETURN.test(path) ? path : '/';
}
