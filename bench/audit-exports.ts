/** Reads exports and verifications of the audit log, and measures what they cost the process that answers them. */
import { readFile } from 'node:fs/promises';
import { get } from 'node:http';
import type { AuditSide } from './audit-world';

export interface Download {
  lines: number;
  seconds: number;
  memoryMiB: number;
  /** The beginning of the response's body. */
  text: string;
}

export function download({ appUrl, pid, headers }: AuditSide, path: string): Promise<Download> {
  return new Promise((resolve, reject) => {
    const before = residentMiB(pid);
    const started = performance.now();
    let lines = 0;
    let text = '';
    let highest = 0;
    const sampling = setInterval(() => {
      residentMiB(pid).then((now) => {
        highest = Math.max(highest, now);
      }, reject);
    }, 100);
    get(`${appUrl}/api/v1/workspaces/acme/${path}`, { headers: headers() }, (answer) => {
      answer.on('data', (chunk: Buffer) => {
        if (text.length < 1_000) text += chunk.subarray(0, 1_000).toString('utf8');
        for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines += 1;
      });
      answer.on('error', reject);
      answer.on('end', async () => {
        clearInterval(sampling);
        const seconds = (performance.now() - started) / 1000;
        if (answer.statusCode !== 200) reject(new Error(`${path} answered ${answer.statusCode}: ${text}`));
        else
          resolve({
            lines,
            seconds,
            memoryMiB: Math.max(highest, await residentMiB(pid)) - (await before),
            text,
          });
      });
    }).on('error', reject);
  });
}

/** Returns a process's resident memory in MiB. Returns NaN on systems other than Linux. */
async function residentMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

/**
 * Runs `work` while `count` clients keep exporting the workspace's whole log.
 *
 * @throws if an export is refused
 */
export async function besideExports<T>(side: AuditSide, count: number, work: () => Promise<T>): Promise<T> {
  let isOver = false;
  const stop = new AbortController();
  const exportAgain = async (): Promise<void> => {
    while (!isOver) await drain(side, stop.signal);
  };
  const exporting = Array.from({ length: count }, exportAgain);
  try {
    return await Promise.race([
      work(),
      Promise.all(exporting).then(() => Promise.reject(new Error('no export runs'))),
    ]);
  } finally {
    isOver = true;
    stop.abort();
    await Promise.allSettled(exporting);
  }
}

function drain({ appUrl, headers }: AuditSide, signal: AbortSignal): Promise<void> {
  const url = `${appUrl}/api/v1/workspaces/acme/audit-events?format=ndjson`;
  return new Promise((resolve, reject) => {
    const end = (error: Error) => (signal.aborted ? resolve() : reject(error));
    get(url, { headers: headers(), signal }, (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`an export answered ${answer.statusCode}`));
      answer.on('error', end).on('end', resolve).resume();
    }).on('error', end);
  });
}
