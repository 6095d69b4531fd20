/** The header with path and query of the requested page. `proxy.ts` sets it, and overwrites the client's. */
export const PAGE_HEADER = 'x-page';

const NOWHERE = 'http://localhost';

/** Matches paths that would loop after a sign-in, or answer JSON. */
const NO_RETURN = /^\/(?:sign-in|api)(?:[/?#]|$)/;

/**
 * Returns the path to open after a sign-in. A value that a browser could read as another origin (`//host`, `/\host`,
 * a tab inside, a scheme) becomes `/`.
 */
export function safeReturnTo(value: unknown): string {
  if (typeof value !== 'string' || !/^\/(?![/\\])/.test(value) || !URL.canParse(value, NOWHERE)) return '/';
  const url = new URL(value, NOWHERE);
  const path = `${url.pathname}${url.search}${url.hash}`;
  return url.origin === NOWHERE && !path.startsWith('//') && !NO_RETURN.test(path) ? path : '/';
}
