/** Time zones of readers. Pages show times in one zone, which the reader chooses once for all of them. */

/** The zone of readers who have chosen none, and of everything that is stored. */
export const UTC = 'UTC';

/**
 * Returns the zone if this server knows it, else UTC.
 *
 * @param value an IANA name such as `Europe/Berlin`, from a cookie or an address
 */
export function parseZone(value: unknown): string {
  if (typeof value !== 'string' || !/^[A-Za-z][\w+/-]{0,63}$/.test(value)) return UTC;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone;
  } catch {
    return UTC;
  }
}

const LOCAL_PARTS = {
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
} as const satisfies Intl.DateTimeFormatOptions;

/** Returns a time as a clock in the zone shows it: `2026-11-24T09:30:00`. */
export function localTime(at: Date, zone: string): string {
  // In this locale, dates are written as in ISO 8601, with a space instead of the `T`.
  return at.toLocaleString('sv-SE', { ...LOCAL_PARTS, timeZone: zone }).replace(' ', 'T');
}

/** How far clocks in the zone are ahead of UTC at a time, in milliseconds. */
function offsetMs(at: Date, zone: string): number {
  return Date.parse(`${localTime(at, zone)}Z`) - Math.floor(at.getTime() / 1000) * 1000;
}

const DAY_OR_MINUTE = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?)?$/;

/**
 * Returns the time at which a clock in the zone shows a day's beginning or a minute. If clocks show it twice in autumn,
 * returns either time. If they skip it in spring, returns a time an hour away at most.
 *
 * @param local `2026-11-24`, `2026-11-24T09:30` or `2026-11-24T09:30:15`
 * @returns `null` for other text, and for days that do not exist
 */
export function instantOf(local: string, zone: string): Date | null {
  if (!DAY_OR_MINUTE.test(local)) return null;
  const day = new Date(`${local.slice(0, 10)}T00:00:00Z`);
  // `Date` accepts February 30 as March 2.
  if (Number.isNaN(day.getTime()) || day.toISOString().slice(0, 10) !== local.slice(0, 10)) return null;
  const asUtc = Date.parse(`${local.length === 10 ? `${local}T00:00` : local}Z`);
  if (Number.isNaN(asUtc)) return null;
  const near = asUtc - offsetMs(new Date(asUtc), zone);
  return new Date(asUtc - offsetMs(new Date(near), zone));
}
