/** The user's preferences, kept in cookies so that the server can apply them when it renders the next page. */

/** `system` follows the device's setting. */
export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

/** Set by a server action. */
export const THEME_COOKIE = 'theme';

export function parseTheme(value: unknown): Theme {
  return THEMES.find((theme) => theme === value) ?? 'system';
}

/** Formats of times in the tables of the audit log. Absolute times are in the reader's zone. */
export const TIMES = ['relative', 'absolute'] as const;
export type Times = (typeof TIMES)[number];

/** Set by the page's own script. */
export const TIMES_COOKIE = 'times';

export function parseTimes(value: unknown): Times {
  return TIMES.find((times) => times === value) ?? 'relative';
}

/** Holds the reader's time zone, for all pages. `parseZone` of `lib/contract/time-zone.ts` reads it. */
export const ZONE_COOKIE = 'zone';

const SINGLE_KEYS_OFF = 'single-keys=off';

/** Whether this browser's user wants shortcuts of a single key (WCAG 2.1.4). In a cookie, because storage may be blocked. */
export function singleKeysAreOn(): boolean {
  return !document.cookie.split('; ').includes(SINGLE_KEYS_OFF);
}

export function setSingleKeys(on: boolean): void {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in plain HTTP and in older browsers
  document.cookie = `${SINGLE_KEYS_OFF}; Path=/; Max-Age=${on ? 0 : 31_536_000}; SameSite=Lax`;
}
