import { expect, it } from 'vitest';
import { instantOf, localTime, parseZone } from './time-zone';

it('accepts the zones that this server knows, and reads everything else as UTC', () => {
  expect(parseZone('Europe/Berlin')).toBe('Europe/Berlin');
  for (const value of [undefined, '', 'Mars/Olympus', "x'; --", '<b>', 7, '../../etc'])
    expect(parseZone(value)).toBe('UTC');
});

it.each([
  ['2026-11-24', 'UTC', '2026-11-24T00:00:00.000Z'],
  ['2026-11-24', 'Europe/Berlin', '2026-11-23T23:00:00.000Z'],
  ['2026-07-01T09:30', 'Europe/Berlin', '2026-07-01T07:30:00.000Z'],
  ['2026-11-24T09:30:15', 'Asia/Kolkata', '2026-11-24T04:00:15.000Z'],
  ['2026-01-01', 'Pacific/Kiritimati', '2025-12-31T10:00:00.000Z'],
  // The days on which the zone's clocks are set forward and back.
  ['2026-03-29', 'Europe/Berlin', '2026-03-28T23:00:00.000Z'],
  ['2026-03-29T12:00', 'Europe/Berlin', '2026-03-29T10:00:00.000Z'],
  ['2026-10-25', 'Europe/Berlin', '2026-10-24T22:00:00.000Z'],
  ['2026-10-25T12:00', 'Europe/Berlin', '2026-10-25T11:00:00.000Z'],
])('finds the time at which clocks show %s in %s', (local, zone, instant) => {
  expect(instantOf(local, zone)?.toISOString()).toBe(instant);
  expect(localTime(new Date(instant), zone)).toMatch(new RegExp(`^${local}`));
});

it.each(['', 'yesterday', '2026-02-30', '2026-13-01', '2026-11-24T25:00', '2026-11-24T09:30Z', '24.11.2026'])(
  'refuses %j',
  (text) => expect(instantOf(text, 'Europe/Berlin')).toBeNull(),
);
