/** Measures a replica's first mints: how much slower they are, and for how long. */
import { type Measured, measure, ms, perSecond, type Ratio, type Subject } from './beside';
import type { BenchProcess } from './process';
import { median, quantile } from './report';

/** The seconds after which a figure is taken. The last one ends the warm-up. */
const UNTIL_SECONDS = [2, 5, 10, 20];
const QUICK_UNTIL_SECONDS = [2, 5];
const CHECK_UNTIL_SECONDS = [0.4, 0.8];

/** A mint is warm if it takes at most this many times the CPU time of a warm one. */
const WARM_RATIO = 1.15;

export interface ColdStart {
  /** The latency of the very first mint, in milliseconds. */
  firstMs: number;
  windows: { from: number; until: number; found: Measured }[];
  /** The median latency of one caller afterwards, in milliseconds. */
  warmMs: number;
}

/** Mints from a server that has answered only readiness checks so far, and thereby warms it up. */
export async function measureFromCold(
  load: BenchProcess,
  minting: Subject,
  { connections, quick, check }: { connections: number; quick: boolean; check: boolean },
): Promise<ColdStart> {
  const first = await measure(load, minting, { connections: 1, seconds: 0 });
  const windows: ColdStart['windows'] = [];
  let from = 0;
  for (const until of check ? CHECK_UNTIL_SECONDS : quick ? QUICK_UNTIL_SECONDS : UNTIL_SECONDS) {
    windows.push({
      from,
      until,
      found: await measure(load, minting, { connections, seconds: until - from }),
    });
    from = until;
  }
  const warm = await measure(load, minting, { connections: 1, seconds: check ? 0.3 : 1 });
  return { firstMs: median(first.latencies), windows, warmMs: quantile(warm.latencies, 0.5) };
}

/** Returns the figures, each beside the same of a warm server, and a note that sums them up. */
export function describeCold(
  { firstMs, windows, warmMs }: ColdStart,
  warmCpuMs: number,
): { ratios: Ratio[]; note: string } {
  const ratios: Ratio[] = [
    {
      what: 'cold: the first mint, latency',
      ratios: [firstMs / warmMs],
      absolute: `${ms(firstMs)} beside ${ms(warmMs)}`,
    },
    ...windows.map(({ from, until, found }) => ({
      what: `cold: seconds ${from} to ${until}, processor time`,
      ratios: [found.cpuMs / warmCpuMs],
      absolute: `${ms(found.cpuMs)} beside ${ms(warmCpuMs)}, ${perSecond(found.perSecond)}`,
    })),
  ];
  const extraMs = windows.reduce(
    (sum, { found }) => sum + (found.cpuMs - warmCpuMs) * found.latencies.length,
    0,
  );
  const mints = windows.reduce((sum, { found }) => sum + found.latencies.length, 0);
  const warm = windows.find(({ found }) => found.cpuMs <= WARM_RATIO * warmCpuMs);
  const since = warm === undefined ? 'not warm by then' : `warm from second ${warm.from} on`;
  return {
    ratios,
    note: `cold: measured once, right after the server was ready, ${mints} mints in ${windows.at(-1)?.until} s; they took ${(Math.max(0, extraMs) / 1000).toFixed(1)} s of processor time more than as many warm ones; ${since}, that is within ${Math.round((WARM_RATIO - 1) * 100)} % of the later rounds`,
  };
}
