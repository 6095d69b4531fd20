/** Measures the figure U3: the time from starting the server process to its first report that it's ready. */

import { ensureBuild } from '../local/app/build';
import { startAppServer } from '../local/app/server';
import { startServices } from '../local/services';
import { cpuTime } from './cpu-time';
import { type BenchOptions, median, type Report, spread } from './report';

const SLOWEST_MS = 3_000;

export async function measureStart({ quick, say }: BenchOptions): Promise<Report> {
  await ensureBuild({ quiet: true });
  const services = await startServices({ port: 3700 });
  const found: number[] = [];
  const processor: number[] = [];
  try {
    const rounds = quick ? 2 : 5;
    for (let round = 0; round < rounds; round += 1) {
      const started = performance.now();
      const app = await startAppServer({ mode: 'start', env: services.env });
      found.push(performance.now() - started);
      processor.push(await cpuTime(app.pid));
      await app.stop();
      say(`ready after ${Math.round(found.at(-1) ?? 0)} ms`);
    }
  } finally {
    await services.close();
  }
  const ms = (value: number): string => `${Math.round(value)} ms`;
  const middle = median(found);
  const reached = middle <= SLOWEST_MS;
  return {
    columns: ['figure', 'median', 'spread', 'reach', 'reached'],
    rows: [
      [
        'U3 server start to ready',
        ms(middle),
        spread(found, ms),
        `≤ ${SLOWEST_MS} ms`,
        reached ? 'yes' : '**no**',
      ],
      ['U3 the same, processor time', ms(median(processor)), spread(processor, ms), '', ''],
    ],
    missed: reached ? [] : [`U3: ready after ${ms(middle)}, reach is ${SLOWEST_MS} ms`],
    notes: [
      'from the spawn of `next start` until /api/health/ready answers 200, asked every 100 ms: PostgreSQL, Redis and key checked, GitHub asked who we are',
    ],
  };
}
