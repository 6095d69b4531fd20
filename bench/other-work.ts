/**
 * Detects other work on the machine. Other work distorts the figures of a bench, because it slows down the load
 * generator too.
 */
import os from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

const SAMPLE_MS = 3000;
/** The share of all cores that a quiet machine may still spend on its own services. */
const MOST = 0.1;

export type CpuTimes = { busy: number; idle: number };

/**
 * Measures the machine for three seconds. Call this while no process of a bench is running.
 *
 * @returns a message for the user if other programs keep the cores too busy, otherwise `undefined`
 */
export async function findOtherWork(): Promise<string | undefined> {
  const before = readCpuTimes();
  await sleep(SAMPLE_MS);
  return describeBusy(busyShare(before, readCpuTimes()));
}

export function describeBusy(share: number): string | undefined {
  if (share <= MOST) return undefined;
  return `other programs use ${Math.round(share * 100)} % of the cores, and at most ${MOST * 100} % leave figures that count`;
}

/** Returns the share of time, from 0 to 1, that the cores were busy between two readings. */
export function busyShare(before: CpuTimes, after: CpuTimes): number {
  const busy = after.busy - before.busy;
  const all = busy + after.idle - before.idle;
  return all <= 0 ? 0 : busy / all;
}

function readCpuTimes(): CpuTimes {
  let busy = 0;
  let idle = 0;
  for (const { times } of os.cpus()) {
    busy += times.user + times.nice + times.sys + times.irq;
    idle += times.idle;
  }
  return { busy, idle };
}
