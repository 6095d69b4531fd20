/** Words for the days before now, as the search field of the audit log takes them. */
import { localTime } from './time-zone';

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;

const DAY_MS = 86_400_000;

/** Returns the day that many days after `day`, which is written like `2026-11-24`. */
export function daysAfter(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** A day and its word: `today`, `yesterday`, or the name of a weekday. */
export type NamedDay = { word: string; day: string };

/**
 * Returns the days that have a word, newest first. A weekday is the last such day before today, so `monday` on a Monday
 * is a week ago. The weekday of yesterday is left out, because `yesterday` is shorter to read.
 */
export function namedDays(zone: string, now: Date): NamedDay[] {
  const today = localTime(now, zone).slice(0, 10);
  const weekday = (day: string) => WEEKDAYS[new Date(`${day}T00:00:00Z`).getUTCDay()] as string;
  const before = [2, 3, 4, 5, 6, 7].map((days) => daysAfter(today, -days));
  return [
    { word: 'today', day: today },
    { word: 'yesterday', day: daysAfter(today, -1) },
    ...before.map((day) => ({ word: weekday(day), day })),
  ];
}

/** Returns the day that a word means in the zone, whatever its case; `null` if the text is no such word. */
export function dayOfWord(text: string, zone: string, now: Date): string | null {
  const word = text.toLowerCase();
  const days = namedDays(zone, now);
  const known = days.find((each) => each.word === word)?.day;
  if (known !== undefined) return known;
  return WEEKDAYS.some((each) => each === word) ? (days[1]?.day ?? null) : null;
}
