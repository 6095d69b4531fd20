import { setImmediate } from 'node:timers/promises';
import { getPool } from '../db/pool';
import { getAppJwt } from '../github/client';
import { log } from '../observability/log';
import { getRedis } from '../rate-limit/process-limiter';
import { StoreRefused } from '../rate-limit/redis';

type Part = 'database' | 'redis' | 'key';
type Readiness = {
  ready: boolean;
  checks: Record<Part, 'ok' | 'failed'>;
  /** What is to be mended, where that is known: by a variable's name, never its value. */
  reasons: Partial<Record<Part, string>>;
};

/** Each has this long, so that a hanging part makes the answer 503 and not late. Milliseconds. */
const DEADLINE_MS = 2000;

const CHECKS: Record<Part, () => Promise<unknown>> = {
  database: () => getPool('probe').query('SELECT 1'),
  redis: () => getRedis().ping(),
  key: () => getAppJwt(),
};

/** A probe each second and load balancer is usual; a flood of probes costs no more than that. */
const FRESH_MS = 1000;

let last: { answer: Readiness; at: number } | undefined;
let checking: Promise<Readiness> | undefined;

/**
 * Tells whether this process can do its work: every part by itself, with the failing ones named. One check is under way
 * at a time, and its answer holds for a second.
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
      // A busy event loop runs late timers before answers that have come: those get their turn first.
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
