import { expect, it } from 'vitest';
import { Limit } from './pagination';

const messageOf = (limit: string) => Limit.safeParse(limit).error?.issues[0]?.message;

it('rejects an invalid limit with the reason', () => {
  for (const limit of ['101', '1000', '999999999']) expect(messageOf(limit)).toBe('must be at most 100');
  expect(messageOf('0')).toBe('must be at least 1');
  for (const limit of ['', '-1', '1.5', '1e2', 'x']) expect(messageOf(limit)).toBe('must be a whole number');
  expect(Limit.parse('100')).toBe(100);
  expect(Limit.parse(undefined)).toBe(50);
});
