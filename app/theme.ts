'use server';

import { cookies } from 'next/headers';
import { formText } from '@/app/form-text';
import { parseTheme, THEME_COOKIE } from '@/components/shell/theme';
import { getConfig } from '@/lib/config';

const ONE_YEAR = 31_536_000;

/** Keeps the reader's choice in a cookie; `system` takes it back. Next compares `Origin` with the host before. */
export async function setTheme(form: FormData): Promise<void> {
  const theme = parseTheme(formText(form, 'theme'));
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
