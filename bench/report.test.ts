import { expect, test } from 'vitest';
import { median, quantile, spread, table } from './report';

test('puts the median of an even count between the two middle values', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
});

test('returns NaN without values, so that no target is reached by it', () => {
  expect(median([]) <= 800).toBe(false);
});

test('returns an actual value as a high quantile, and never a lower one', () => {
  const values = Array.from({ length: 100 }, (_, index) => index + 1);
  expect(quantile(values, 0.99)).toBe(100);
  expect(quantile([5], 0.99)).toBe(5);
});

test('spreads from the least to the greatest value', () => {
  expect(spread([2.5, 1, 9], (value) => value.toFixed(1))).toBe('1.0–9.0');
});

test('prints an aligned Markdown table', () => {
  expect(table({ columns: ['id', 'what'], rows: [['U1', 'x']] })).toBe(
    ['| id | what |', '| -- | ---- |', '| U1 | x    |'].join('\n'),
  );
});
