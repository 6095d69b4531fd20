import { createHash, timingSafeEqual } from 'node:crypto';
import type { CookiesOptions } from 'next-auth';
import { getConfig } from '../config';

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

/**
 * next-auth's CSRF token for a plain HTML form that posts to `/api/auth/signin/{provider}`,
 * `/api/auth/callback/dev-login` or `/api/auth/signout` (field `csrfToken`), so that these work without JavaScript.
 *
 * @returns `null` when the browser has no such cookie yet: a GET of `/api/auth/signin?callbackUrl=…` sets it and
 *   comes back to `/sign-in`
 */
export function readCsrfToken(cookies: readonly Cookie[]): string | null {
  const { publicUrl, auth } = getConfig();
  const name = cookieName(publicUrl, 'next-auth.csrf-token');
  const [token, hash] = cookies.find((cookie) => cookie.name === name)?.value.split('|') ?? [];
  if (token === undefined || hash === undefined) return null;
  const expected = createHash('sha256').update(`${token}${auth.secret}`).digest('hex');
  const given = Buffer.from(hash);
  return given.length === expected.length && timingSafeEqual(given, Buffer.from(expected)) ? token : null;
}
