import { subscribe } from 'node:diagnostics_channel';
import { setImmediate } from 'node:timers/promises';
import { onePerProcess } from './async';

/** How long to work before letting the event loop turn, so that it can serve other requests. */
const SLICE_MS = 1;

/** How long to pause before each slice while requests are being served. Leaves four fifths of the time to them. */
const PAUSE_MS = 4;

/**
 * For how long after its arrival a request slows long tasks down. A request that takes longer waits for others, and a
 * few more milliseconds hardly matter to it.
 */
const RECENT_MS = 250;

/** Lets one long task work on. */
type Release = () => void;

const turns = onePerProcess('turns', () => ({
  /** The tasks that wait for their turn, by workspace. The workspace whose turn is next comes first. */
  waiting: new Map<string, Release[]>(),
  isReleasing: false,
  requestAt: Number.NEGATIVE_INFINITY,
}));

/** Lets long tasks give way to the requests that this process receives from now on. */
export function giveWayToRequests(): void {
  const state = turns();
  subscribe('http.server.request.start', () => {
    state.requestAt = performance.now();
  });
}

/** True if a request has arrived lately. */
const isServing = (): boolean => performance.now() - turns().requestAt < RECENT_MS;

const pause = () => new Promise<void>((resolve) => setTimeout(resolve, PAUSE_MS));

/**
 * Waits for the event loop to turn once, so that all ready callbacks can run. Pauses if requests are being served: most
 * of them wait for the database or GitHub several times, and would find the loop busy each time. Releases only one
 * waiting task at a time, so many long tasks delay a request no longer than one would.
 *
 * Turns go round the workspaces, so a workspace cannot slow the tasks of another one down by having many. Four requests
 * a second, from anybody, keep all tasks pausing, as every busy process does. That starves none: together, they still
 * have a fifth of the time, which is about 17,000 events a second.
 */
export function nextTurn(workspaceId: string): Promise<void> {
  const state = turns();
  const mine = state.waiting.get(workspaceId) ?? [];
  state.waiting.set(workspaceId, mine);
  return new Promise((resolve) => {
    mine.push(resolve);
    if (!state.isReleasing) void releaseInTurn();
  });
}

async function releaseInTurn(): Promise<void> {
  const state = turns();
  state.isReleasing = true;
  for (let next = first(state.waiting); next !== undefined; next = first(state.waiting)) {
    await (isServing() ? pause() : setImmediate());
    const [workspaceId, tasks] = next;
    state.waiting.delete(workspaceId);
    tasks.shift()?.();
    if (tasks.length > 0) state.waiting.set(workspaceId, tasks);
  }
  state.isReleasing = false;
}

const first = <K, V>(map: Map<K, V>): [K, V] | undefined => map.entries().next().value;

/** Maximum number of items in a slice. */
export const SLICE_ITEMS = 250;

/**
 * Splits items into slices that take the consumer a few milliseconds each, and lets the event loop turn before each
 * slice. A slice itself is synchronous: a few promises per item would usually cost more than the work on it.
 *
 * The consumer must finish a slice before it asks for the next one.
 *
 * @param workspaceId the workspace that the work is done for
 */
export async function* inSlices<T>(items: Iterable<T>, workspaceId: string): AsyncGenerator<Iterable<T>> {
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
    await nextTurn(workspaceId);
    yield slice();
  }
}

/** Yields the items of all slices one by one. */
export async function* oneByOne<T>(slices: AsyncIterable<Iterable<T>>): AsyncGenerator<T> {
  for await (const slice of slices) for (const item of slice) yield item;
}
