import { setImmediate } from 'node:timers/promises';
import { getPool } from '../db/pool';
import { getAppJwt } from '../github/client';
import { log } from '../observability/log';
import { getRedis, StoreRefused } from '../rate-limit/store';

type Part = 'database' | 'redis' | 'key';
type Readiness = {
  ready: boolean;
  checks: Record<Part, 'ok' | 'failed'>;
  /** Reasons that are known, by the name of a variable, never by its value. */
  reasons: Partial<Record<Part, string>>;
};

/** The deadline of each check. A hanging part makes the response 503 instead of late. */
const DEADLINE_MS = 2000;

const CHECKS: Record<Part, () => Promise<unknown>> = {
  database: () => getPool('probe').query('SELECT 1'),
  redis: () => getRedis().ping(),
  key: () => getAppJwt(),
};

/** Covers one probe a second from each load balancer. More probes share the same check. */
const FRESH_MS = 1000;

let last: { answer: Readiness; at: number } | undefined;
let checking: Promise<Readiness> | undefined;

/**
 * Checks every part of this process in parallel, and names the failing ones. One check runs at a time; its result
 * is reused for a second.
 */
export async function checkReadiness(): Promise<Readiness> {
  if (last !== undefined && performance.now() - last.at < FRESH_MS) return last.answer;
  checking ??= check()
    .then((answer) => {
      last = { answer, at: performance.now() };
      return answer;
    })
    .finally(() => {
      checking = undefined;
    });
  return checking;
}

async function check(): Promise<Readiness> {
  const parts = Object.entries(CHECKS) as [Part, () => Promise<unknown>][];
  const reasons: Readiness['reasons'] = {};
  const results = await Promise.all(
    parts.map(async ([part, check]) => [part, await passes(part, check, reasons)] as const),
  );
  return {
    ready: results.every(([, result]) => result === 'ok'),
    checks: Object.fromEntries(results) as Readiness['checks'],
    reasons,
  };
}

async function passes(
  part: Part,
  check: () => Promise<unknown>,
  reasons: Readiness['reasons'],
): Promise<'ok' | 'failed'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((_, reject) => {
    const giveUp = async () => {
      // A busy event loop runs late timers before I/O callbacks. Let responses that have arrived settle first.
      await setImmediate();
      await setImmediate();
      reject(new Error('no answer in time'));
    };
    timer = setTimeout(giveUp, DEADLINE_MS);
  });
  try {
    await Promise.race([check(), late]);
    return 'ok';
  } catch (error) {
    log.warn({ err: error, part }, 'not ready');
    if (error instanceof StoreRefused) reasons[part] = error.message;
    return 'failed';
  } finally {
    clearTimeout(timer);
  }
}
