/** Reads exports and verifications of the audit log, and measures what they cost the process that answers them. */
import { readFile } from 'node:fs/promises';
import { get } from 'node:http';
import type { AuditSide } from './audit-world';

export interface Download {
  lines: number;
  seconds: number;
  /** Lines per second in each fifth of the download. */
  rates: number[];
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
    const arrivals: Arrival[] = [{ lines: 0, at: started }];
    const sampling = setInterval(() => {
      residentMiB(pid).then((now) => {
        highest = Math.max(highest, now);
      }, reject);
    }, 100);
    get(`${appUrl}/api/v1/workspaces/acme/${path}`, { headers: headers() }, (answer) => {
      answer.on('data', (chunk: Buffer) => {
        if (text.length < 1_000) text += chunk.subarray(0, 1_000).toString('utf8');
        for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines += 1;
        arrivals.push({ lines, at: performance.now() });
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
            rates: ratesOf(arrivals),
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

type Arrival = { lines: number; at: number };

const PARTS = 5;

/** Splits a download into equal parts, so that one download shows a spread too. */
function ratesOf(arrivals: Arrival[]): number[] {
  const lines = arrivals.at(-1)?.lines ?? 0;
  const ends = Array.from({ length: PARTS + 1 }, (_, part) =>
    arrivals.find((arrival) => arrival.lines >= (lines * part) / PARTS),
  );
  return ends.slice(1).map((end, part) => {
    const from = ends[part];
    return end && from ? ((end.lines - from.lines) / (end.at - from.at)) * 1000 : Number.NaN;
  });
}

export interface Exports {
  /** Lets more clients export the workspace's whole log, again and again. */
  add(count: number): void;
  /** Runs `work`. Fails if an export was refused meanwhile. */
  beside<T>(work: () => Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

export function openExports(side: AuditSide): Exports {
  const stop = new AbortController();
  const running: Promise<void>[] = [];
  let refuse: (error: unknown) => void = () => {};
  const refused = new Promise<never>((_, reject) => {
    refuse = reject;
  });
  refused.catch(() => {});
  const exportAgain = async (): Promise<void> => {
    while (!stop.signal.aborted) await drain(side, stop.signal);
  };
  return {
    add: (count) => {
      for (let n = 0; n < count; n += 1) running.push(exportAgain().catch(refuse));
    },
    beside: (work) => Promise.race([work(), refused]),
    stop: async () => {
      stop.abort();
      await Promise.all(running);
    },
  };
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
