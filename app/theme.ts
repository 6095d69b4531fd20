'use server';

import { cookies } from 'next/headers';
import { parseTheme, THEME_COOKIE } from '@/components/shell/preferences';
import { getConfig } from '@/lib/config';

const ONE_YEAR = 31_536_000;

/**
 * Stores the user's choice in a cookie, or deletes the cookie for `system`. No need for the `action()` wrapper here:
 * Next has already checked `Origin` against the host, and this action never fails or redirects.
 */
export async function setTheme(form: unknown): Promise<void> {
  const theme = parseTheme(form instanceof FormData ? form.get('theme') : undefined);
  const jar = await cookies();
  if (theme === 'system') {
    jar.delete(THEME_COOKIE);
    return;
  }
  jar.set(THEME_COOKIE, theme, {
    httpOnly: true,
    sameSite: 'lax',
    secure: getConfig().publicUrl.startsWith('https://'),
    maxAge: ONE_YEAR,
  });
}
