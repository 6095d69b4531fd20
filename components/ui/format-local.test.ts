import { expect, it } from 'vitest';
import { formatLocal } from './format-local';

const hour = (utc: number) => `2026-11-29T${String(utc).padStart(2, '0')}:05:07.123Z`;

it.each(Array.from({ length: 24 }, (_, utc) => utc))(
  'tells every time with as many digits, at %i o’clock UTC too',
  (utc) => {
    const local = new Date(Date.parse(hour(utc)) + 9 * 3_600_000)
      .toISOString()
      .slice(0, 19)
      .replace('T', ' ');
    expect(formatLocal(hour(utc), 'Asia/Tokyo')).toBe(`${local} GMT+9`);
    expect(formatLocal(hour(utc), 'America/New_York')).toMatch(/^2026-11-\d\d [0-2]\d:05:07 \S+$/);
  },
);

it('leaves what is no time as it is', () => {
  expect(formatLocal('yesterday')).toBe('yesterday');
});
