import { describe, expect, it } from 'vitest';
import { formatLocal, formatRelative } from './format-time';

describe('formatLocal', () => {
  const hour = (utc: number) => `2026-11-29T${String(utc).padStart(2, '0')}:05:07.123Z`;

  it.each(Array.from({ length: 24 }, (_, utc) => utc))(
    'writes the time with two digits for every part at %i o’clock UTC',
    (utc) => {
      const local = new Date(Date.parse(hour(utc)) + 9 * 3_600_000)
        .toISOString()
        .slice(0, 19)
        .replace('T', ' ');
      expect(formatLocal(hour(utc), 'Asia/Tokyo')).toBe(`${local} GMT+9`);
      expect(formatLocal(hour(utc), 'America/New_York')).toMatch(/^2026-11-\d\d [0-2]\d:05:07 \S+$/);
    },
  );

  it('returns an invalid time unchanged', () => {
    expect(formatLocal('yesterday')).toBe('yesterday');
  });
});

describe('formatRelative', () => {
  const NOW = new Date('2026-11-27T12:00:00.000Z');
  const MINUTE = 60;
  const HOUR = 60 * MINUTE;
  const DAY = 24 * HOUR;
  /**
   * Formats a time `seconds` from now, less 300 ms. A new key or invitation is first shown a few milliseconds after its
   * creation, so its remaining time always falls a little short of a round number.
   */
  const inSeconds = (seconds: number) =>
    formatRelative(new Date(NOW.valueOf() + seconds * 1000 - 300).toISOString(), NOW);

  it.each([
    [90 * DAY, 'in 3 months'],
    [61 * DAY, 'in 2 months'],
    [59 * DAY, 'in 59 days'],
    [30 * DAY, 'in 30 days'],
    [7 * DAY, 'in 7 days'],
    [7 * DAY - 20, 'in 7 days'],
    [DAY, 'in 1 day'],
    [HOUR, 'in 1 hour'],
    [365 * DAY, 'in 1 year'],
  ])('rounds a future time: %i seconds are "%s"', (seconds, words) => {
    expect(inSeconds(seconds)).toBe(words);
  });

  it.each([
    [0, 'just now'],
    [-50, 'just now'],
    [-MINUTE, '1 minute ago'],
    [-3 * MINUTE, '3 minutes ago'],
    [-59.9 * MINUTE, '1 hour ago'],
    [-23.9 * HOUR, '1 day ago'],
    [-DAY, '1 day ago'],
    [-59 * DAY, '59 days ago'],
    [-359 * DAY, '1 year ago'],
    [-2 * 365 * DAY, '2 years ago'],
  ])(
    'uses numbers within each unit’s range, never “yesterday” or “60 minutes”: %i seconds are "%s"',
    (seconds, words) => {
      expect(inSeconds(seconds)).toBe(words);
    },
  );

  it('returns an invalid time unchanged', () => {
    expect(formatRelative('nonsense', NOW)).toBe('nonsense');
  });
});
