import { readdir, readFile } from 'node:fs/promises';

/**
 * Returns the CPU time used by all threads of a process, in milliseconds. Linux counts it in hundredths of a second. On
 * other systems, returns NaN.
 */
export async function cpuTime(pid: number): Promise<number> {
  return (await readStat(pid)).cpuMs;
}

/**
 * Returns the CPU time used by all processes that this process has started, and by those that they have started, in
 * milliseconds. Leaves out processes that have ended. On systems other than Linux, returns NaN.
 */
export async function cpuTimeOfDescendants(): Promise<number> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name)).map(Number);
  if (pids.length === 0) return Number.NaN;
  const stats = new Map(await Promise.all(pids.map(async (pid) => [pid, await readStat(pid)] as const)));
  const isDescendant = (pid: number): boolean => {
    const parent = stats.get(pid)?.parent ?? 0;
    return parent === process.pid || (parent > 1 && isDescendant(parent));
  };
  return pids.filter(isDescendant).reduce((sum, pid) => sum + (stats.get(pid)?.cpuMs || 0), 0);
}

async function readStat(pid: number): Promise<{ parent: number; cpuMs: number }> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // Start after the process's name, which is in parentheses and may contain spaces. The parent is the 2nd field after
  // the name, utime and stime are the 12th and 13th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { parent: Number(fields[1] ?? 0), cpuMs: (Number(fields[11]) + Number(fields[12])) * 10 };
}
