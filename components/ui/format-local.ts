/** Each part has two digits: `hour12: false` alone writes `1:01:11` in the first ten hours of a day. */
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
 * @param timeZone by default the reader's
 * @returns the value itself if it is no time
 */
export function formatLocal(value: string, timeZone?: string): string {
  const date = new Date(value);
  return Number.isNaN(date.valueOf()) ? value : date.toLocaleString('sv-SE', { ...PARTS, timeZone });
}
