import { sharedAnswer, withDeadline } from '../async';
import { assertMigrated, MigrationsPending } from '../db/migration-names';
import { getAppJwt } from '../github/client';
import { log } from '../observability/log';
import { getRedis, StoreRefused } from '../rate-limit/store';

type Part = 'database' | 'redis' | 'key';
type Readiness = {
  ready: boolean;
  checks: Record<Part, 'ok' | 'failed'>;
  /** Why checks failed, as far as we know. A reason may contain a variable's name, but never its value. */
  reasons: Partial<Record<Part, string>>;
};

/** The deadline for each check, so the route responds with 503 instead of hanging if a part hangs. */
const DEADLINE_MS = 2000;

const CHECKS: Record<Part, () => Promise<unknown>> = {
  database: () => assertMigrated(),
  redis: () => getRedis().ping(),
  key: () => getAppJwt(),
};

/**
 * Checks all the parts this process depends on, in parallel, and reports which ones fail. Only one check runs at a
 * time, and its result is reused for a second, so probes from several load balancers cost no more than one.
 */
export const checkReadiness = sharedAnswer(check, {
  freshMs: 1000,
  retryMs: 0,
  patienceMs: 2 * DEADLINE_MS,
  awaitsRenewal: true,
});

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
  try {
    await withDeadline(check(), DEADLINE_MS, part);
    return 'ok';
  } catch (error) {
    log.warn({ err: error, part }, 'not ready');
    if (error instanceof StoreRefused || error instanceof MigrationsPending) reasons[part] = error.message;
    return 'failed';
  }
}
