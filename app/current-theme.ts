import { cookies } from 'next/headers';
import { parseTheme, THEME_COOKIE, type Theme } from '@/components/shell/theme';

export async function currentTheme(): Promise<Theme> {
  return parseTheme((await cookies()).get(THEME_COOKIE)?.value);
}
