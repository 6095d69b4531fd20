import { setImmediate } from 'node:timers/promises';

/** Work between two turns. Everybody's requests are served in between. */
const SLICE_MS = 5;

/** On `globalThis`, because Next loads this module once for pages and again for route handlers. */
const shared = globalThis as typeof globalThis & { pulsestreamTurns?: Promise<void> };

/**
 * Waits until all that is ready now had its turn of the event loop. Of those who wait one goes on in each turn, so that
 * many long pieces of work delay a request no longer than one does.
 */
export function nextTurn(): Promise<void> {
  const turn = (shared.pulsestreamTurns ?? Promise.resolve()).then(() => setImmediate());
  shared.pulsestreamTurns = turn;
  return turn;
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
