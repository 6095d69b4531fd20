/**
 * Next refuses the body of an action beyond `bodySizeLimit` of next.config.js before any code of ours runs, and all that a
 * form without JavaScript then gets is the page for errors of our own.
 */
export const MOST_FORM_BYTES = 4_300_000;

const TAKES_A_FILE = /^\/w\/[^/]+\/audit-log\/compare$/;

/** `problem` in the address of such a page, which says so in words. */
export const TOO_LARGE = 'too_large';

/** @returns where to send whoever sends a form that is too large, with no script to have told them before */
export function afterTooLargeForm(request: Request): string | null {
  if (request.method !== 'POST' || request.headers.has('next-action')) return null;
  const { pathname } = new URL(request.url);
  if (!TAKES_A_FILE.test(pathname)) return null;
  return Number(request.headers.get('content-length')) > MOST_FORM_BYTES
    ? `${pathname}?problem=${TOO_LARGE}`
    : null;
}
