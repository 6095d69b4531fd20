/** Path and query of the page that a request is for: set by `proxy.ts`, over whatever the client sent. */
export const PAGE_HEADER = 'x-page';

const NOWHERE = 'http://localhost';

/** Paths that are no place to come back to: they would loop, or answer JSON. */
const NO_RETURN = /^\/(?:sign-in|api)(?:[/?#]|$)/;

/**
 * Where to go after sign-in. Only a path of this site: whatever a browser could read as another origin
 * (`//host`, `/\host`, a tab inside, a scheme) becomes `/`.
 */
export function safeReturnTo(value: unknown): string {
  if (typeof value !== 'string' || !/^\/(?![/\\])/.test(value) || !URL.canParse(value, NOWHERE)) return '/';
  const url = new URL(value, NOWHERE);
  const path = `${url.pathname}${url.search}${url.hash}`;
  return url.origin === NOWHERE && !path.startsWith('//') && !NO_RETURN.test(path) ? path : '/';
}
