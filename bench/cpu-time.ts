import { readdir, readFile } from 'node:fs/promises';

/**
 * Returns the CPU time used by all threads of a process, in milliseconds. Linux counts it in nanoseconds for each thread,
 * and otherwise in hundredths of a second: too coarse for a short window, where it would often be 0. On other systems,
 * returns NaN.
 */
export async function cpuTime(pid: number): Promise<number> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const times = await Promise.all(threads.map((thread) => timeOfThread(pid, thread)));
  const whole = times.reduce((sum, time) => sum + time, 0);
  return whole > 0 ? whole : coarseTime(pid);
}

/** Returns 0 for a thread that has ended meanwhile, or if the kernel was built without these counters. */
async function timeOfThread(pid: number, thread: string): Promise<number> {
  const text = await readFile(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').catch(() => '0');
  // The first field is the time on a core, in nanoseconds.
  return Number(text.split(' ')[0]) / 1e6;
}

async function coarseTime(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // Start after the process's name, which is in parentheses and may contain spaces. utime and stime are the 12th and
  // 13th fields after the name.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
