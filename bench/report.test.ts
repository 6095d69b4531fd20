import { expect, test } from 'vitest';
import { median, quantile, spread, table } from './report';

test('a median of an even count lies between the two in the middle', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
});

test('nothing measured is no number, so that no target is reached by it', () => {
  expect(median([]) <= 800).toBe(false);
});

test('a high quantile is one of the values, and never too low', () => {
  const values = Array.from({ length: 100 }, (_, index) => index + 1);
  expect(quantile(values, 0.99)).toBe(100);
  expect(quantile([5], 0.99)).toBe(5);
});

test('the spread is from the least to the greatest', () => {
  expect(spread([2.5, 1, 9], (value) => value.toFixed(1))).toBe('1.0–9.0');
});

test('a table is Markdown, aligned', () => {
  expect(table({ columns: ['id', 'what'], rows: [['U1', 'x']] })).toBe(
    ['| id | what |', '| -- | ---- |', '| U1 | x    |'].join('\n'),
  );
});
