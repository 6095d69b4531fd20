import { setImmediate } from 'node:timers/promises';
import { onePerProcess } from './async';

/** Work between two turns. Everybody's requests are served in between. */
const SLICE_MS = 5;

const turns = onePerProcess('turns', () => ({ last: Promise.resolve() }));

/**
 * Waits until all that is ready now had its turn of the event loop. Of those who wait one goes on in each turn, so that
 * many long pieces of work delay a request no longer than one does.
 */
export function nextTurn(): Promise<void> {
  const queue = turns();
  queue.last = queue.last.then(() => setImmediate());
  return queue.last;
}

/** Passes items on, and gives the event loop away after each few milliseconds of what is done with them. */
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
