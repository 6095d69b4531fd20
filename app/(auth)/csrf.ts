import { cookies } from 'next/headers';
import { redirect } from 'next/navigation';
import { readCsrfToken } from '@/lib/auth/session';

/** Added to the address once, so that a browser without cookies is not redirected again and again. */
export const COOKIE_CHECK = 'CookieCheck';

/**
 * Returns next-auth's CSRF token for a form on this page. Only a route of next-auth may set its cookie. A browser
 * without the cookie is sent there, and returns to `/sign-in`.
 *
 * @param checked whether the browser has been there already
 * @returns `null` if the browser keeps no cookies
 */
export async function requireCsrfToken(callbackUrl: string, checked: boolean): Promise<string | null> {
  const token = readCsrfToken((await cookies()).getAll());
  if (token !== null || checked) return token;
  redirect(`/api/auth/signin?callbackUrl=${encodeURIComponent(callbackUrl)}&error=${COOKIE_CHECK}`);
}
