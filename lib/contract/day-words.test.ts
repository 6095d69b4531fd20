import { expect, it } from 'vitest';
import { dayOfWord, daysAfter, namedDays } from './day-words';

/** A Monday in UTC, and already a Tuesday in Tokyo. */
const NOW = new Date('2026-11-30T20:00:00Z');

it.each([
  ['today', 'UTC', '2026-11-30'],
  ['yesterday', 'UTC', '2026-11-29'],
  ['tuesday', 'UTC', '2026-11-24'],
  ['Tuesday', 'UTC', '2026-11-24'],
  ['sunday', 'UTC', '2026-11-29'],
  // Today is a Monday, and `monday` means the one before.
  ['monday', 'UTC', '2026-11-23'],
  ['today', 'Asia/Tokyo', '2026-12-01'],
  ['tuesday', 'Asia/Tokyo', '2026-11-24'],
  ['monday', 'Asia/Tokyo', '2026-11-30'],
])('%s in %s is %s', (word, zone, day) => expect(dayOfWord(word, zone, NOW)).toBe(day));

it('counts days of the calendar, also over the hours that clocks skip or repeat', () => {
  expect(dayOfWord('yesterday', 'Europe/Berlin', new Date('2026-10-26T00:30:00+01:00'))).toBe('2026-10-25');
  expect(dayOfWord('yesterday', 'Europe/Berlin', new Date('2026-03-30T00:30:00+02:00'))).toBe('2026-03-29');
  expect(daysAfter('2026-12-31', 1)).toBe('2027-01-01');
  expect(daysAfter('2028-03-01', -1)).toBe('2028-02-29');
});

it.each(['', 'tomorrow', 'tues', '7d', '2026-11-24', 'constructor'])('%j is no word for a day', (text) =>
  expect(dayOfWord(text, 'UTC', NOW)).toBeNull(),
);

it('names each of the last seven days and today once, newest first', () => {
  expect(namedDays('UTC', NOW)).toEqual([
    { word: 'today', day: '2026-11-30' },
    { word: 'yesterday', day: '2026-11-29' },
    { word: 'saturday', day: '2026-11-28' },
    { word: 'friday', day: '2026-11-27' },
    { word: 'thursday', day: '2026-11-26' },
    { word: 'wednesday', day: '2026-11-25' },
    { word: 'tuesday', day: '2026-11-24' },
    { word: 'monday', day: '2026-11-23' },
  ]);
  for (const { word, day } of namedDays('UTC', NOW)) expect(dayOfWord(word, 'UTC', NOW)).toBe(day);
});
