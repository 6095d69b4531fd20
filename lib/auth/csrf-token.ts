import { createHash, timingSafeEqual } from 'node:crypto';
import { getConfig } from '../config';
import { type Cookie, cookieName } from './session-cookie';

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
