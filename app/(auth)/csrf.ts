import { cookies } from 'next/headers';
import { redirect } from 'next/navigation';
import { readCsrfToken } from '@/lib/auth/session';

/**
 * Value of the URL's `error` parameter once the browser has been redirected. Without this mark, a browser that rejects
 * cookies would be redirected forever.
 */
export const COOKIE_CHECK = 'CookieCheck';

/**
 * Returns next-auth's CSRF token for a form on this page. Only next-auth's own routes can set the token's cookie. If
 * the browser lacks the cookie, this function redirects it to one of them, which sets the cookie and redirects back to
 * `/sign-in`.
 *
 * @param checked whether the browser has already been redirected once
 * @returns the token; `null` if the browser rejects cookies
 */
export async function requireCsrfToken(callbackUrl: string, checked: boolean): Promise<string | null> {
  const token = readCsrfToken((await cookies()).getAll());
  if (token !== null || checked) return token;
  redirect(`/api/auth/signin?callbackUrl=${encodeURIComponent(callbackUrl)}&error=${COOKIE_CHECK}`);
}
