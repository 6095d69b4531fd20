/** The reader's preferences, kept in cookies so that the server can apply them to the next page. */

/** `system` follows the device. */
export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

/** Set by a server action. */
export const THEME_COOKIE = 'theme';

export function parseTheme(value: unknown): Theme {
  return THEMES.find((theme) => theme === value) ?? 'system';
}

/** How the audit log writes times. `utc` and `local` are absolute. */
export const TIMES = ['relative', 'utc', 'local'] as const;
export type Times = (typeof TIMES)[number];

/** Set by the page's own script. */
export const TIMES_COOKIE = 'times';

export function parseTimes(value: unknown): Times {
  return TIMES.find((times) => times === value) ?? 'relative';
}
