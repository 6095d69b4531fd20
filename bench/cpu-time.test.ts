import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { cpuTime } from './cpu-time';

it.skipIf(!existsSync('/proc/self/schedstat'))(
  'counts less than a hundredth of a second (skipped where the kernel does not)',
  async () => {
    const before = await cpuTime(process.pid);
    const start = process.cpuUsage();
    const used = () => (process.cpuUsage(start).user + process.cpuUsage(start).system) / 1000;
    while (used() < 3);
    const found = (await cpuTime(process.pid)) - before;
    expect(found).toBeGreaterThan(2);
    expect(found % 10).not.toBe(0);
  },
);

it('has no value for a process that does not exist', async () => {
  expect(await cpuTime(2 ** 30)).toBeNaN();
});
