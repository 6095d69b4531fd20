import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, expect, it, vi } from 'vitest';
import { giveWayToRequests, inSlices, SLICE_ITEMS } from './turns';

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

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
    for await (const slice of inSlices(Array.from({ length: 100 }), 'acme'))
      for (const _ of slice) doneIn.set(turns.now(), (doneIn.get(turns.now()) ?? 0) + 1);
  };
  await Promise.all([work(), work(), work(), work()]);
  turns.stop();
  expect([...doneIn.values()].reduce((sum, items) => sum + items)).toBe(400);
  expect(Math.max(...doneIn.values())).toBeLessThan(12);
});

it('gives a workspace with one task as many turns as a workspace with five', async () => {
  const slices = { loud: 0, quiet: 0 };
  const work = async (workspace: keyof typeof slices, length: number) => {
    for await (const slice of inSlices(Array.from({ length }), workspace)) {
      for (const _ of slice);
      slices[workspace]++;
    }
  };
  const loud = Array.from({ length: 5 }, () => work('loud', 100 * SLICE_ITEMS));
  await work('quiet', 20 * SLICE_ITEMS);
  // The quiet workspace waits for a turn of the loud one before each of its own.
  expect(slices.quiet).toBeGreaterThanOrEqual(20);
  expect(slices.loud).toBeLessThanOrEqual(slices.quiet + 2);
  await Promise.all(loud);
});

it('pauses before each slice while requests arrive, and works on without pauses afterwards', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
  giveWayToRequests();
  const server = createServer((_, response) => response.end()).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  await new Promise((resolve) => {
    const { port } = server.address() as AddressInfo;
    get({ port, agent: false }, (response) => response.resume().on('end', resolve));
  });
  server.close();
  let done = 0;
  const work = async () => {
    for await (const slice of inSlices(Array.from({ length: 5 * SLICE_ITEMS }), 'acme'))
      for (const _ of slice) done++;
  };
  const ended = work();
  const turns = async () => {
    for (let n = 0; n < 20; n++) await turn();
  };
  await turns();
  expect(done).toBe(0);
  vi.advanceTimersByTime(4);
  await turns();
  expect(done).toBe(SLICE_ITEMS);
  // The pause that has begun still ends by its timer. After it, no request is recent.
  vi.advanceTimersByTime(1000);
  await ended;
  expect(done).toBe(5 * SLICE_ITEMS);
});
