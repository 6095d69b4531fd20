/** The user's preferences, kept in cookies so that the server can apply them when it renders the next page. */

/** `system` follows the device's setting. */
export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

/** Set by a server action. */
export const THEME_COOKIE = 'theme';

export function parseTheme(value: unknown): Theme {
  return THEMES.find((theme) => theme === value) ?? 'system';
}

/** Formats of times in the audit log. `utc` and `local` are absolute times. */
export const TIMES = ['relative', 'utc', 'local'] as const;
export type Times = (typeof TIMES)[number];

/** Set by the page's own script. */
export const TIMES_COOKIE = 'times';

export function parseTimes(value: unknown): Times {
  return TIMES.find((times) => times === value) ?? 'relative';
}
