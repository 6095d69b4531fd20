import { setImmediate } from 'node:timers/promises';
import { onePerProcess } from './async';

/** The time of work between two turns, in which all requests are served. */
const SLICE_MS = 5;

const turns = onePerProcess('turns', () => ({ last: Promise.resolve() }));

/**
 * Waits for a turn of the event loop, in which all ready callbacks run. Each turn releases one waiting caller, so many
 * long pieces of work delay a request no longer than one does.
 */
export function nextTurn(): Promise<void> {
  const queue = turns();
  queue.last = queue.last.then(() => setImmediate());
  return queue.last;
}

/** Yields items, and gives the event loop a turn after each few milliseconds of work on them. */
export async function* inSlices<T>(items: Iterable<T>): AsyncGenerator<T> {
  await nextTurn();
  let end = performance.now() + SLICE_MS;
  for (const item of items) {
    yield item;
    if (performance.now() < end) continue;
    await nextTurn();
    end = performance.now() + SLICE_MS;
  }
}
