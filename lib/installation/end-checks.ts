/** Schedules the second witness of an end: on a timer some seconds later, and in every reconcile pass. */
import { setTimeout as sleep } from 'node:timers/promises';
import { onePerProcess } from '../async';
import type { RequestOrigin } from '../audit/event';
import { getDb } from '../db/client';
import { GitHubError } from '../github/error';
import { log } from '../observability/log';
import { confirmEnd, type EndVerdict, endCheck, listOnce } from './confirm-end';

type Check = {
  origin: RequestOrigin | undefined;
  /** Called if the installation is alive, because it may have changed while it was not synced. */
  onAlive: ((installationId: number) => void) | undefined;
  failures: number;
};

type Checks = { waiting: Map<number, Check>; timer: NodeJS.Timeout | undefined; isRunning: boolean };

const getChecks = onePerProcess<Checks>('end checks', () => ({
  waiting: new Map(),
  timer: undefined,
  isRunning: false,
}));

const JITTER_MS = 800;
/** Retries after 2 s, 4 s, … while GitHub does not answer. After the last one, the next reconcile pass asks. */
const MAX_FAILURES = 5;
const PARALLEL = 8;

/**
 * Asks GitHub for the second witness as soon as it counts. Concurrent checks form a batch, which reads the list
 * once. A process that dies loses nothing, because the first witness is stored.
 */
export function confirmEndSoon(
  installationId: number,
  origin?: RequestOrigin,
  onAlive?: (installationId: number) => void,
): void {
  const checks = getChecks();
  const known = checks.waiting.get(installationId);
  if (known === undefined) checks.waiting.set(installationId, { origin, onAlive, failures: 0 });
  else known.onAlive ??= onAlive;
  schedule(endCheck.apartMs);
}

function schedule(waitMs: number): void {
  getChecks().timer ??= setTimeout(run, waitMs + 100 + Math.random() * JITTER_MS).unref();
}

function run(): void {
  const checks = getChecks();
  checks.timer = undefined;
  if (checks.isRunning) {
    schedule(endCheck.apartMs);
    return;
  }
  checks.isRunning = true;
  void runOnce()
    .catch((error: unknown) => log.error({ err: error }, 'ends could not be checked'))
    .finally(() => {
      checks.isRunning = false;
      const failures = [...checks.waiting.values()].map((check) => check.failures);
      if (failures.length > 0) schedule(1000 * 2 ** Math.min(...failures));
    });
}

async function runOnce(): Promise<void> {
  const { waiting } = getChecks();
  const batch = [...waiting];
  const verdicts = await confirmAll(batch.map(([id, { origin }]) => [id, origin]));
  for (const [id, check] of batch) {
    const verdict = verdicts.get(id);
    if (verdict === 'alive') check.onAlive?.(id);
    if (verdict === 'deleted' || verdict === 'alive' || ++check.failures > MAX_FAILURES) waiting.delete(id);
  }
}

/** @returns a verdict for each installation that GitHub answered for */
async function confirmAll(
  ends: readonly (readonly [id: number, origin: RequestOrigin | undefined])[],
): Promise<Map<number, EndVerdict>> {
  const queue = [...ends];
  const listed = listOnce();
  const verdicts = new Map<number, EndVerdict>();
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [id, origin] = next;
      try {
        verdicts.set(id, await confirmEnd(id, origin, listed));
      } catch (error) {
        log.warn({ err: error, installationId: id }, 'an end could not be confirmed yet');
        if (error instanceof GitHubError && error.kind === 'rate_limited') queue.length = 0;
      }
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  return verdicts;
}

type PendingEnd = { id: bigint; wait_ms: number };

function readPendingEnds(): Promise<PendingEnd[]> {
  return getDb().$queryRaw<PendingEnd[]>`
    SELECT id, least(${endCheck.apartMs}::float8, greatest(0, ${endCheck.apartMs}::float8
      - extract(epoch FROM now() - end_seen_at) * 1000))::float8 AS wait_ms
    FROM installations WHERE end_seen_at IS NOT NULL AND status <> 'deleted' ORDER BY id`;
}

/**
 * Confirms every end that waits for its second witness.
 *
 * @param isAskedFor waits for ends whose first witness is too fresh to count
 * @returns how many installations are alive
 */
export async function confirmPendingEnds(isAskedFor: boolean): Promise<number> {
  const pending = await readPendingEnds();
  if (pending.length === 0) return 0;
  if (isAskedFor) await sleep(Math.max(...pending.map(({ wait_ms }) => wait_ms)) + 1);
  const verdicts = await confirmAll(pending.map(({ id }) => [Number(id), undefined]));
  return [...verdicts.values()].filter((verdict) => verdict === 'alive').length;
}

/** Resumes the checks at start, because the previous process may have died between the two witnesses. */
export async function resumeEndChecks(onAlive: (installationId: number) => void): Promise<void> {
  for (const { id } of await readPendingEnds()) confirmEndSoon(Number(id), undefined, onAlive);
}
