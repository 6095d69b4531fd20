/** How the audit log tells when something happened; `utc` and `local` are absolute. */
export const TIMES = ['relative', 'utc', 'local'] as const;
export type Times = (typeof TIMES)[number];

/** Written by the page's own script, so that the next page comes as the reader chose. */
export const TIMES_COOKIE = 'times';

export function parseTimes(value: unknown): Times {
  return TIMES.find((times) => times === value) ?? 'relative';
}
