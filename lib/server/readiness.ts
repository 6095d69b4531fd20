import { getPool } from '../db/pool';
import { getAppJwt } from '../github/client';
import { log } from '../observability/log';
import { getRedis } from '../rate-limit/process-limiter';

type Part = 'database' | 'redis' | 'key';
type Readiness = { ready: boolean; checks: Record<Part, 'ok' | 'failed'> };

/** Each has this long, so that a hanging part makes the answer 503 and not late. Milliseconds. */
const DEADLINE_MS = 2000;

const CHECKS: Record<Part, () => Promise<unknown>> = {
  database: () => getPool('work').query('SELECT 1'),
  redis: () => getRedis().ping(),
  key: () => getAppJwt(),
};

/** Whether this process can do its work: every part by itself, with the failing ones named. */
export async function checkReadiness(): Promise<Readiness> {
  const parts = Object.entries(CHECKS) as [Part, () => Promise<unknown>][];
  const results = await Promise.all(
    parts.map(async ([part, check]) => [part, await passes(part, check)] as const),
  );
  return {
    ready: results.every(([, result]) => result === 'ok'),
    checks: Object.fromEntries(results) as Readiness['checks'],
  };
}

async function passes(part: Part, check: () => Promise<unknown>): Promise<'ok' | 'failed'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), DEADLINE_MS);
  });
  try {
    await Promise.race([check(), late]);
    return 'ok';
  } catch (error) {
    log.warn({ err: error, part }, 'not ready');
    return 'failed';
  } finally {
    clearTimeout(timer);
  }
}
