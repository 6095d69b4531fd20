import { setImmediate } from 'node:timers/promises';
import { onePerProcess } from './async';

/** How long to work before the next turn. In a turn the event loop serves all requests. */
const SLICE_MS = 5;

const turns = onePerProcess('turns', () => ({ last: Promise.resolve() }));

/**
 * Waits for a turn of the event loop, in which all ready callbacks run. Each turn releases only one waiting caller. So
 * many long tasks delay a request no longer than one does.
 */
export function nextTurn(): Promise<void> {
  const queue = turns();
  queue.last = queue.last.then(() => setImmediate());
  return queue.last;
}

/** Yields items, and lets the event loop turn after every few milliseconds of work on them. */
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
