import { cookies, headers } from 'next/headers';
import { parseTheme, THEME_COOKIE, type Theme } from '@/components/shell/preferences';
import { REQUEST_ID_HEADER } from '@/lib/http/request';

/** Parameters of a page's address. */
export type Query = Record<string, string | string[] | undefined>;

/** The query of a page, as Next passes it. */
export type SearchParams = Promise<Query>;

/** Returns the first value of a parameter. An empty value counts as absent, because an empty form field sends one. */
export function firstValue(value: string | string[] | undefined): string | undefined {
  const first = Array.isArray(value) ? value[0] : value;
  return first === undefined || first.trim() === '' ? undefined : first.trim();
}

export async function currentTheme(): Promise<Theme> {
  return parseTheme((await cookies()).get(THEME_COOKIE)?.value);
}

/** Returns the id of this request in the log. */
export async function requestId(): Promise<string | null> {
  return (await headers()).get(REQUEST_ID_HEADER);
}
