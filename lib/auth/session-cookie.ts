import type { CookiesOptions } from 'next-auth';

/** A cookie as Next's `cookies().getAll()` and `request.cookies.getAll()` give it. */
export type Cookie = { readonly name: string; readonly value: string };

/** More chunks than any session of ours can have; the rest of a forged series is not read. */
const MAX_CHUNKS = 8;

/**
 * The name of a cookie of ours. Over https only `__Host-` counts: no sibling subdomain can set such a cookie, nor plain
 * http, so that nobody plants a session or an attempt in another's browser.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6265#section-8.6 for what a sibling may do without the prefix
 */
export function cookieName(publicUrl: string, name: string): string {
  return `${publicUrl.startsWith('https://') ? '__Host-' : ''}${name}`;
}

export function sessionCookieName(publicUrl: string): string {
  return cookieName(publicUrl, 'next-auth.session-token');
}

/** Seconds that somebody may spend at the provider. */
const SIGN_IN_SECONDS = 15 * 60;

/** All of next-auth's cookies under names that only this host can set; next-auth's own default is `__Secure-`. */
export function authCookies(publicUrl: string): Partial<CookiesOptions> {
  const cookie = (name: string, maxAge?: number) => ({
    name: cookieName(publicUrl, `next-auth.${name}`),
    options: {
      httpOnly: true,
      sameSite: 'lax' as const,
      path: '/',
      secure: publicUrl.startsWith('https://'),
      ...(maxAge === undefined ? {} : { maxAge }),
    },
  });
  return {
    sessionToken: cookie('session-token'),
    callbackUrl: cookie('callback-url'),
    csrfToken: cookie('csrf-token'),
    pkceCodeVerifier: cookie('pkce.code_verifier', SIGN_IN_SECONDS),
    state: cookie('state', SIGN_IN_SECONDS),
    nonce: cookie('nonce'),
  };
}

/** The session's JWT, put together when next-auth had to cut it into `.0`, `.1`, … */
export function readSessionCookie(cookies: readonly Cookie[], name: string): string | null {
  const read = (wanted: string) => cookies.find((cookie) => cookie.name === wanted)?.value;
  const whole = read(name);
  if (whole !== undefined) return whole === '' ? null : whole;
  let joined = '';
  for (let i = 0; i < MAX_CHUNKS; i++) {
    const chunk = read(`${name}.${i}`);
    if (chunk === undefined) break;
    joined += chunk;
  }
  return joined === '' ? null : joined;
}
