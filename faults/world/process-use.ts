/** Reads what a process uses, from outside. */
import { execFile } from 'node:child_process';
import { readdir, readlink } from 'node:fs/promises';
import { promisify } from 'node:util';
import { median } from '../../bench/report';

const run = promisify(execFile);

/**
 * The environment of a process whose memory is compared over time. Without a limit, V8 lets garbage pile up for minutes,
 * and memory grows although nothing leaks. With one, a leak ends in growth or in the end of the process.
 */
export const LIMITED_HEAP = { NODE_OPTIONS: '--max-old-space-size=256' };

/** Returns the resident memory of a process, in MiB. */
export async function rssMiB(pid: number): Promise<number> {
  const { stdout } = await run('ps', ['-o', 'rss=', '-p', String(pid)]);
  return Number(stdout) / 1024;
}

/** Returns how many sockets a process has open. Linux only: elsewhere `undefined`. */
export async function openSockets(pid: number): Promise<number | undefined> {
  const folder = `/proc/${pid}/fd`;
  const names = await readdir(folder).catch(() => undefined);
  if (names === undefined) return undefined;
  const targets = await Promise.all(names.map((name) => readlink(`${folder}/${name}`).catch(() => '')));
  return targets.filter((target) => target.startsWith('socket:')).length;
}

/** Returns how much of its heap a replica uses, in MiB, from its metrics. */
export async function heapMiB(url: string, metricsToken = ''): Promise<number> {
  const response = await fetch(`${url}/api/metrics`, {
    headers: { authorization: `Bearer ${metricsToken}` },
  });
  return Number(/^nodejs_heap_size_used_bytes (\S+)$/m.exec(await response.text())?.[1]) / 2 ** 20;
}

/** Compares the least values of the last and the second third. Garbage comes and goes above the least value. */
export function floorGrowth(samples: readonly number[]): number {
  const third = Math.floor(samples.length / 3);
  return Math.min(...samples.slice(-third)) / Math.min(...samples.slice(third, 2 * third));
}

/** Compares the medians of the last and the second third of a series, which is flat if the ratio is near 1. */
export function growth(samples: readonly number[]): number {
  const third = Math.floor(samples.length / 3);
  return median(samples.slice(-third)) / median(samples.slice(third, 2 * third));
}
