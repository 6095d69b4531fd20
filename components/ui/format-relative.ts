const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Each with its seconds, and how many of them are told in it rather than in the next. */
const UNITS = [
  ['minute', MINUTE, 60],
  ['hour', HOUR, 24],
  // A month is too coarse while days still count, as for a key of 30 days.
  ['day', DAY, 60],
  ['month', 30.44 * DAY, 12],
  ['year', 365 * DAY, Number.POSITIVE_INFINITY],
] as const satisfies [Intl.RelativeTimeFormatUnit, number, number][];

const relativeFormat = new Intl.RelativeTimeFormat('en');

/** `3 minutes ago`, `in 30 days`, as seen from `now`: rounded, and what is no time comes back as it is. */
export function formatRelative(value: string, now: Date): string {
  const date = new Date(value);
  if (Number.isNaN(date.valueOf())) return value;
  const seconds = Math.round((date.valueOf() - now.valueOf()) / 1000);
  if (Math.abs(seconds) < MINUTE) return 'just now';
  for (const [unit, length, most] of UNITS) {
    const count = Math.round(seconds / length);
    if (Math.abs(count) < most) return relativeFormat.format(count, unit);
  }
  return value;
}
