import { expect, it } from 'vitest';
import { readTime } from './time-words';

const NOW = new Date('2026-11-30T12:00:00Z');

it.each([
  ['30m', 'UTC', '2026-11-30T11:30:00.000Z'],
  ['7d', 'Asia/Tokyo', '2026-11-23T12:00:00.000Z'],
  ['2026-11-24', 'UTC', '2026-11-24T00:00:00.000Z'],
  ['2026-11-24', 'Asia/Tokyo', '2026-11-23T15:00:00.000Z'],
  ['2026-11-24T09:30', 'Asia/Tokyo', '2026-11-24T00:30:00.000Z'],
  ['2026-11-24T09:30:00Z', 'Asia/Tokyo', '2026-11-24T09:30:00.000Z'],
  ['2026-11-24T09:30:00+01:00', 'Asia/Tokyo', '2026-11-24T08:30:00.000Z'],
])('reads %s in %s', (text, zone, time) => expect(readTime(text, zone, NOW)).toBe(time));

it('means the end of a day where a range ends, also on the day with 25 hours', () => {
  expect(readTime('2026-11-24', 'UTC', NOW, true)).toBe('2026-11-25T00:00:00.000Z');
  expect(readTime('2026-10-25', 'Europe/Berlin', NOW, true)).toBe('2026-10-25T23:00:00.000Z');
  expect(readTime('2026-12-31', 'UTC', NOW, true)).toBe('2027-01-01T00:00:00.000Z');
});

it.each(['', 'yesterday', '0d', '7w', '2026-02-30', '2026-11-24T25:00', '2026-11-24 09:30', '99999999d'])(
  'refuses %j',
  (text) => expect([readTime(text, 'UTC', NOW), readTime(text, 'UTC', NOW, true)]).toEqual([null, null]),
);
