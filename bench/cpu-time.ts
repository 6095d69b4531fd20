import { readFile } from 'node:fs/promises';

/**
 * Returns the CPU time used by all threads of a process, in milliseconds. Linux counts it in hundredths of a second. On
 * other systems, returns NaN.
 */
export async function cpuTime(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // Start after the process's name, which is in parentheses and may contain spaces. utime and stime are the 12th and
  // 13th fields after the name.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
