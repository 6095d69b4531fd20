import { UTC } from '@/lib/contract/time-zone';

/** Formats a time as `2026-11-22 20:05:35 UTC`. Returns an invalid time unchanged. */
export function formatUtc(value: string): string {
  const date = new Date(value);
  return Number.isNaN(date.valueOf()) ? value : `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** Formats a time in a zone. Returns an invalid time unchanged. */
export function formatAbsolute(value: string, zone: string): string {
  return zone === UTC ? formatUtc(value) : formatLocal(value, zone);
}

/**
 * The parts of a formatted time. Two-digit hours need `hourCycle`: with `hour12: false`, the time before 10 a.m. would
 * read `1:01:11`.
 */
const PARTS = {
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
  timeZoneName: 'short',
} as const satisfies Intl.DateTimeFormatOptions;

/**
 * Formats a time as `2026-11-30 01:01:11 GMT+9`.
 *
 * @param timeZone defaults to the browser's time zone
 * @returns the formatted time; an invalid time is returned unchanged
 */
export function formatLocal(value: string, timeZone?: string): string {
  const date = new Date(value);
  return Number.isNaN(date.valueOf()) ? value : date.toLocaleString('sv-SE', { ...PARTS, timeZone });
}

const MINUTE_SECONDS = 60;
const HOUR_SECONDS = 60 * MINUTE_SECONDS;
const DAY_SECONDS = 24 * HOUR_SECONDS;

/** Each unit, its length in seconds, and the count from which the next larger unit is used. */
const UNITS = [
  ['minute', MINUTE_SECONDS, 60],
  ['hour', HOUR_SECONDS, 24],
  // Days are used up to 59. A key that expires in 30 days should say so, and not "in 1 month".
  ['day', DAY_SECONDS, 60],
  ['month', 30.44 * DAY_SECONDS, 12],
  ['year', 365 * DAY_SECONDS, Number.POSITIVE_INFINITY],
] as const satisfies [Intl.RelativeTimeFormatUnit, number, number][];

const relativeFormat = new Intl.RelativeTimeFormat('en');

/** Formats a time as `3 minutes ago` or `in 30 days`, rounded. Returns an invalid time unchanged. */
export function formatRelative(value: string, now: Date): string {
  const date = new Date(value);
  if (Number.isNaN(date.valueOf())) return value;
  const seconds = Math.round((date.valueOf() - now.valueOf()) / 1000);
  if (Math.abs(seconds) < MINUTE_SECONDS) return 'just now';
  for (const [unit, length, most] of UNITS) {
    const count = Math.round(seconds / length);
    if (Math.abs(count) < most) return relativeFormat.format(count, unit);
  }
  return value;
}
