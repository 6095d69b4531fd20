/**
 * The response headers that are the same for every request. Next adds them by next.config.js, and `direct.ts` to what
 * it serves without Next. Plain JavaScript, because Next reads its configuration before it compiles anything.
 */

export const EVERYWHERE = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'strict-origin-when-cross-origin',
  // Stop other sites from keeping references to our windows and from loading our responses. All our flows use
  // redirects, so none of them needs either.
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
};

/** For the API, which serves no pages. The policy for pages contains a nonce, so proxy.ts sets it. */
export const API = {
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
};
