import { cookies, headers } from 'next/headers';
import { parseTheme, THEME_COOKIE, type Theme, ZONE_COOKIE } from '@/components/shell/preferences';
import { setZoneOfPage } from '@/components/ui/zone';
import { parseZone } from '@/lib/contract/time-zone';
import { REQUEST_ID_HEADER } from '@/lib/http/request';
import { setPageStatus } from '@/lib/server/page-status';

/** The query parameters of a page's URL. */
export type Query = Record<string, string | string[] | undefined>;

/** A page's query, as Next passes it. */
export type SearchParams = Promise<Query>;

/**
 * Returns a parameter's first value. An empty value counts as absent, because forms also send fields that were left
 * empty.
 */
export function firstValue(value: string | string[] | undefined): string | undefined {
  const first = Array.isArray(value) ? value[0] : value;
  return first === undefined || first.trim() === '' ? undefined : first.trim();
}

export async function currentTheme(): Promise<Theme> {
  return parseTheme((await cookies()).get(THEME_COOKIE)?.value);
}

/** Reads the zone that the reader chose for all pages, and shows this page's times in it. */
export async function applyZone(): Promise<string> {
  const zone = parseZone((await cookies()).get(ZONE_COOKIE)?.value);
  setZoneOfPage(zone);
  return zone;
}

/** Returns the id under which our log lists this request. */
export async function requestId(): Promise<string | null> {
  return (await headers()).get(REQUEST_ID_HEADER);
}

/** Sets the document's status to 404, for a page that renders the message itself. See `setPageStatus`. */
export async function answerNotFound(): Promise<void> {
  const id = await requestId();
  if (id !== null) setPageStatus(id, 404);
}
