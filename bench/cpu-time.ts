import { readFile } from 'node:fs/promises';

/**
 * Milliseconds of processor time that all threads of a process have taken. Linux counts in hundredths of a second;
 * elsewhere NaN.
 */
export async function cpuTime(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name, in parentheses, may hold spaces; utime and stime are the 12th and 13th after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
