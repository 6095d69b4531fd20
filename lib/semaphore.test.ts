import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Semaphore } from './semaphore';

const LONG = 60_000;

it('never lets more in than there are places, and lets everybody in', async () => {
  const semaphore = new Semaphore(3);
  let inside = 0;
  let most = 0;
  const visit = async () => {
    const leave = await semaphore.acquire(LONG);
    most = Math.max(most, ++inside);
    await sleep(1);
    inside--;
    leave?.();
  };
  await Promise.all(Array.from({ length: 50 }, visit));
  expect([most, inside, semaphore.isIdle(3)]).toEqual([3, 0, true]);
});

it('lets in by order of arrival', async () => {
  const semaphore = new Semaphore(1);
  const leave = await semaphore.acquire(LONG);
  const order: number[] = [];
  const waiting = [1, 2, 3].map(async (n) => {
    const leaveToo = await semaphore.acquire(LONG);
    order.push(n);
    leaveToo?.();
  });
  leave?.();
  await Promise.all(waiting);
  expect(order).toEqual([1, 2, 3]);
});

it('gives up after the wait, and a place is not lost to one who gave up', async () => {
  const semaphore = new Semaphore(1);
  const leave = await semaphore.acquire(LONG);
  expect(await semaphore.acquire(5)).toBeUndefined();
  leave?.();
  expect(semaphore.isIdle(1)).toBe(true);
  expect(await semaphore.acquire(0)).toBeDefined();
});
