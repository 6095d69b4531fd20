import { daysAfter } from './day-words';
import { instantOf, localTime } from './time-zone';

/**
 * Returns a time of the log's address as a field for a local time shows it: `2026-11-24T09:30`. Returns an empty text for an
 * age, which moves, and for text that is no time.
 *
 * @param written the zone of the address
 * @param zone the zone of the field
 * @param isEnd whether a day means its end, that is the beginning of the next one
 */
export function fieldTime(
  value: string | null | undefined,
  written: string,
  zone: string,
  isEnd = false,
): string {
  if (!value) return '';
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(value) && instantOf(value, written) !== null;
  const local = isEnd && isDay ? daysAfter(value, 1) : value;
  const exact = /(?:Z|[+-]\d{2}:\d{2})$/.test(value) ? new Date(value) : instantOf(local, written);
  return exact === null || Number.isNaN(exact.getTime()) ? '' : localTime(exact, zone).slice(0, 16);
}
