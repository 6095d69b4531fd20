import { readFile } from 'node:fs/promises';

/**
 * Returns the processor time of all threads of a process, in milliseconds. Linux counts it in hundredths of a second.
 * Other systems yield NaN.
 */
export async function cpuTime(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The process's name, in parentheses, may contain spaces. utime and stime are the 12th and 13th fields after the
  // name.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
