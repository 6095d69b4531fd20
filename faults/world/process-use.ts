/** Reads what a process uses, from outside. */
import { execFile } from 'node:child_process';
import { readdir, readlink } from 'node:fs/promises';
import { promisify } from 'node:util';
import { median } from '../../bench/report';

const run = promisify(execFile);

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

/** Compares the medians of the last and the second third of a series, which is flat if the ratio is near 1. */
export function growth(samples: readonly number[]): number {
  const third = Math.floor(samples.length / 3);
  return median(samples.slice(-third)) / median(samples.slice(third, 2 * third));
}
