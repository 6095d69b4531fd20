import { expect, it, vi } from 'vitest';
import { inSlices } from './turns';

/** Counts the turns of the event loop until it is stopped. */
function countTurns() {
  let turn = 0;
  let isOver = false;
  const count = () => {
    turn++;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  return {
    now: () => turn,
    stop: () => {
      isOver = true;
    },
  };
}

it('handles few items per turn of the event loop, however many tasks run at the same time', async () => {
  // Each item takes a millisecond on this clock, so the test does not depend on the machine's speed.
  let clock = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => clock++);
  const turns = countTurns();
  const doneIn = new Map<number, number>();
  const work = async () => {
    for await (const slice of inSlices(Array.from({ length: 100 })))
      for (const _ of slice) doneIn.set(turns.now(), (doneIn.get(turns.now()) ?? 0) + 1);
  };
  await Promise.all([work(), work(), work(), work()]);
  turns.stop();
  expect([...doneIn.values()].reduce((sum, items) => sum + items)).toBe(400);
  expect(Math.max(...doneIn.values())).toBeLessThan(12);
});
