import { instantOf } from '../contract/time-zone';

const UNITS_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const AGE = /^([1-9]\d{0,4})([mhd])$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Reads a time of the log's address: an age like `7d`, a day or a minute in the reader's zone, or an exact time of the API.
 *
 * @param isEnd whether a day means its end, that is the beginning of the next one
 * @returns the time as the API takes it; `null` for other text
 */
export function readTime(text: string, zone: string, now: Date, isEnd = false): string | null {
  const [, count, unit] = AGE.exec(text) ?? [];
  if (count !== undefined)
    return new Date(now.getTime() - Number(count) * UNITS_MS[unit as keyof typeof UNITS_MS]).toISOString();
  if (isEnd && DAY.test(text)) return nextDay(text, zone);
  const local = instantOf(text, zone);
  if (local !== null) return local.toISOString();
  const exact = /^\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}:\d{2})$/.test(text) ? new Date(text) : null;
  return exact === null || Number.isNaN(exact.getTime()) ? null : exact.toISOString();
}

function nextDay(day: string, zone: string): string | null {
  if (instantOf(day, zone) === null) return null;
  const next = new Date(Date.parse(`${day}T00:00:00Z`) + UNITS_MS.d).toISOString();
  return instantOf(next.slice(0, 10), zone)?.toISOString() ?? null;
}
