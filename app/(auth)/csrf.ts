import { cookies } from 'next/headers';
import { redirect } from 'next/navigation';
import { readCsrfToken } from '@/lib/auth/cookies';

/** Sent along once, so that a browser without cookies is not sent back and forth. */
export const COOKIE_CHECK = 'CookieCheck';

/**
 * next-auth's CSRF token for a form on this page. Only a route of next-auth may set its cookie, so a browser
 * without one is sent there, and comes back to `/sign-in`.
 *
 * @param checked whether it has been sent there already
 * @returns `null` when the browser keeps no cookies
 */
export async function requireCsrfToken(callbackUrl: string, checked: boolean): Promise<string | null> {
  const token = readCsrfToken((await cookies()).getAll());
  if (token !== null || checked) return token;
  redirect(`/api/auth/signin?callbackUrl=${encodeURIComponent(callbackUrl)}&error=${COOKIE_CHECK}`);
}
