import { expect, test } from 'vitest';
import { InProcessLog } from './limiter';

const policy = { limit: 2, windowSeconds: 60 };

test('a released slot can be taken again', () => {
  const log = new InProcessLog(() => 1_000);
  log.reserve(policy, 'a');
  log.reserve(policy, 'a').release();
  expect(log.reserve(policy, 'a').allowed).toBe(true);
  expect(log.reserve(policy, 'a')).toMatchObject({ allowed: false, waitMs: 60_000 });
});

test('memory is limited by forgetting the client that was seen longest ago', () => {
  const log = new InProcessLog(() => 1_000, 3);
  for (const key of ['a', 'a', 'b', 'c', 'a', 'd']) log.reserve(policy, key);
  expect(log.size).toBe(3);
  expect(log.reserve(policy, 'a').allowed).toBe(false);
  expect(log.reserve(policy, 'b').remaining).toBe(1);
});
