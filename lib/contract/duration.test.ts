import { expect, it } from 'vitest';
import { Duration } from './duration';

it.each([
  ['0s', 0],
  ['30s', 30_000],
  ['5m', 300_000],
  ['24h', 86_400_000],
  ['90d', 7_776_000_000],
  ['2w', 1_209_600_000],
])('reads %s as milliseconds', (text, milliseconds) => {
  expect(Duration.parse(text)).toBe(milliseconds);
});

it.each(['', '90', 'd', '-1d', '1.5h', '1y', '1D', '1d ', '3651d', '999999999w'])('rejects %j', (text) => {
  expect(Duration.safeParse(text).success).toBe(false);
});
