import { expect, it } from 'vitest';
import { Bulkhead } from './bulkhead';

const LONG_MS = 60_000;

it('keeps a slot for others while one caller has all of its own', async () => {
  const bulkhead = new Bulkhead({ inAll: 3, each: 2, waiting: 5 });
  const first = [await bulkhead.enter('a', LONG_MS), await bulkhead.enter('a', LONG_MS)];
  expect(await bulkhead.enter('a', 0)).toBeUndefined();
  const other = await bulkhead.enter('b', 0);
  expect(other).toBeDefined();
  expect(await bulkhead.enter('c', 0)).toBeUndefined();
  other?.();
  expect(await bulkhead.enter('c', 0)).toBeDefined();
  first[0]?.();
  expect(await bulkhead.enter('a', 0)).toBeDefined();
});

it('turns a caller away immediately once too many of its own wait, and lets those in who wait', async () => {
  const bulkhead = new Bulkhead({ inAll: 2, each: 1, waiting: 2 });
  const leave = await bulkhead.enter('a', LONG_MS);
  const waiting = [bulkhead.enter('a', LONG_MS), bulkhead.enter('a', LONG_MS)];
  // With the longest wait, so that only an immediate answer ends the test.
  expect(await bulkhead.enter('a', LONG_MS)).toBeUndefined();
  leave?.();
  const next = await waiting[0];
  next?.();
  expect(await waiting[1]).toBeDefined();
});

it('loses no slot to a caller who gave up, whichever slot was missing', async () => {
  const bulkhead = new Bulkhead({ inAll: 1, each: 1, waiting: 1 });
  const leave = await bulkhead.enter('a', LONG_MS);
  expect(await bulkhead.enter('a', 1)).toBeUndefined();
  expect(await bulkhead.enter('b', 1)).toBeUndefined();
  leave?.();
  for (const of of ['b', 'a', 'b']) {
    const next = await bulkhead.enter(of, 0);
    expect(next).toBeDefined();
    next?.();
  }
});
