import { setImmediate } from 'node:timers/promises';
import { onePerProcess } from './async';

/** How long to work before the next turn of the event loop, which serves all other requests. */
const SLICE_MS = 5;

const turns = onePerProcess('turns', () => ({ last: Promise.resolve() }));

/**
 * Waits for a turn of the event loop, in which all ready callbacks run. Each turn releases only one waiting caller, so
 * many long tasks delay a request no longer than one would.
 */
export function nextTurn(): Promise<void> {
  const queue = turns();
  queue.last = queue.last.then(() => setImmediate());
  return queue.last;
}

/** The most items in a slice. */
export const SLICE_ITEMS = 250;

/**
 * Splits items into slices, each of a few milliseconds of work by its consumer, and lets the event loop turn before each
 * slice. Within a slice no promise is created, because several promises per item cost more than most work on it.
 *
 * The consumer must finish a slice before it asks for the next one.
 */
export async function* inSlices<T>(items: Iterable<T>): AsyncGenerator<Iterable<T>> {
  const source = items[Symbol.iterator]();
  let isOver = false;
  function* slice(): Generator<T> {
    const end = performance.now() + SLICE_MS;
    for (let taken = 0; taken < SLICE_ITEMS; taken++) {
      const next = source.next();
      isOver = next.done === true;
      if (next.done) return;
      yield next.value;
      if (performance.now() >= end) return;
    }
  }
  while (!isOver) {
    await nextTurn();
    yield slice();
  }
}

/** Yields the items of all slices one by one. */
export async function* oneByOne<T>(slices: AsyncIterable<Iterable<T>>): AsyncGenerator<T> {
  for await (const slice of slices) for (const item of slice) yield item;
}
