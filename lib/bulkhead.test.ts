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

it('grants a second slot only while enough others are free, and a first one whenever one is', async () => {
  const bulkhead = new Bulkhead({ inAll: 4, each: 2, waiting: 5, spare: 2 });
  const first = [await bulkhead.enter('a', LONG_MS), await bulkhead.enter('a', LONG_MS)];
  expect(await bulkhead.enter('b', 0)).toBeDefined();
  const waiting = bulkhead.enter('b', LONG_MS);
  expect(await bulkhead.enter('b', 0)).toBeUndefined();
  const third = await bulkhead.enter('c', 0);
  expect(third).toBeDefined();
  third?.();
  for (const leave of first) leave?.();
  expect(await waiting).toBeDefined();
});

it('gives a caller who waits with its own slot free that slot, though no second one could be had', async () => {
  const bulkhead = new Bulkhead({ inAll: 2, each: 2, waiting: 5, spare: 2 });
  const leave = await bulkhead.enter('a', LONG_MS);
  const waiting = bulkhead.enter('a', LONG_MS);
  leave?.();
  expect(await waiting).toBeDefined();
});

it('gives a free slot to the caller who has gone without one for the longest time, not to the longest queue', async () => {
  const bulkhead = new Bulkhead({ inAll: 2, each: 1, waiting: 5 });
  const leaves = { a: await bulkhead.enter('a', LONG_MS), b: await bulkhead.enter('b', LONG_MS) };
  const granted: string[] = [];
  const queue = ['a', 'a', 'b', 'b', 'c', 'd'].map((of) =>
    bulkhead.enter(of, LONG_MS).then((leave) => {
      granted.push(of);
      return leave;
    }),
  );
  leaves.b?.();
  (await queue[4])?.();
  (await queue[5])?.();
  (await queue[2])?.();
  (await queue[3])?.();
  expect(granted).toEqual(['c', 'd', 'b', 'b']);
  leaves.a?.();
  await queue[0];
  expect(granted).toEqual(['c', 'd', 'b', 'b', 'a']);
});
