import type { Cookie } from '../auth/session';
import { cookieName } from '../auth/session';
import { getConfig } from '../config';

const NAME = 'pulsestream.evidence';
/** A browser forgets the link after a day, or when the link expires. It can be opened again until then. */
const MAX_AGE_SECONDS = 24 * 60 * 60;

/**
 * Returns the secret of the link that was opened in this browser; `null` if there is none. It is kept in a cookie, so it
 * stands in no address: neither the history nor another site learns it.
 */
export function readLinkCookie(cookies: readonly Cookie[]): string | null {
  const name = cookieName(getConfig().publicUrl, NAME);
  return cookies.find((cookie) => cookie.name === name)?.value || null;
}

/** Returns the `Set-Cookie` header that keeps the secret of a link which expires at this time. */
export function linkCookie(secret: string, expiresAt: string): string {
  const { publicUrl } = getConfig();
  const left = Math.floor((Date.parse(expiresAt) - Date.now()) / 1000);
  const age = Math.max(0, Math.min(MAX_AGE_SECONDS, left));
  const secure = publicUrl.startsWith('https://') ? '; Secure' : '';
  return `${cookieName(publicUrl, NAME)}=${secret}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Lax${secure}`;
}
