import { setTimeout as sleep } from 'node:timers/promises';
import { Bulkhead, onePerProcess } from '../async';
import { GitHubError } from '../github/errors';
import { log } from '../observability/log';
import { isSyncPending, takeDueLease } from './lease';
import { syncInstallation, syncUnderLease } from './sync';

/**
 * Concurrent syncs of this process that no caller waits for. Each makes eight concurrent calls to GitHub at most, so
 * that others find slots in `lib/github/traffic`, too; mints have their own there.
 */
export const BACKGROUND_SYNCS = 3;

/** The longest wait for a slot. After it, reconcile does the sync, which stays requested. */
const LONGEST_WAIT_MS = 300_000;

const background = onePerProcess('background syncs', () => ({
  slots: new Bulkhead({ inAll: BACKGROUND_SYNCS }),
  waiting: new Map<number, Promise<void>>(),
}));

/** Runs `work` when a slot is free. @returns `undefined` if none was in time */
export async function inBackgroundSlot<T>(work: () => Promise<T>): Promise<T | undefined> {
  const release = await background().slots.enter('', LONGEST_WAIT_MS);
  if (release === undefined) {
    log.warn('a sync found no slot in time and is left to reconcile');
    return undefined;
  }
  return work().finally(release);
}

/** Queues a sync for a webhook. A queued installation is synced once, after all of its deliveries. */
export function syncInBackground(installationId: number): Promise<void> {
  const { waiting } = background();
  const queued = waiting.get(installationId);
  if (queued) return queued;
  const sync = inBackgroundSlot(async () => {
    waiting.delete(installationId);
    await syncInstallation(installationId);
  })
    .then(() => {})
    .finally(() => {
      if (waiting.get(installationId) === sync) waiting.delete(installationId);
    });
  waiting.set(installationId, sync);
  return sync;
}

/** Longer than a lease and than any transaction of a delivery. By then, each has finished or expired. */
const WAIT_FOR_OTHERS_MS = 15_000;
const LOOK_AGAIN_MS = 250;

/**
 * Syncs the due installations, each once across all replicas, because the sync needs the lease. It stops early when
 * GitHub rate limits.
 *
 * @param isRequested also tries syncs that failed a moment ago, and waits for syncs of others, which may have died
 * @returns how many installations this process synced
 */
export async function syncDue(isRequested: boolean): Promise<number> {
  const tried: number[] = [];
  let synced = 0;
  let isLimited = false;
  /** @returns whether an installation was due */
  const syncNext = async (): Promise<boolean> => {
    const lease = await takeDueLease({ ignoreBackoff: isRequested, except: tried });
    if (lease === undefined) return false;
    tried.push(lease.installationId);
    const { outcome, error } = await syncUnderLease(lease);
    if (outcome === 'synced') synced++;
    if (error instanceof GitHubError && error.kind === 'rate_limited') isLimited = true;
    return true;
  };
  const worker = async () => {
    while (!isLimited && (await inBackgroundSlot(syncNext)) === true);
  };
  const work = () => Promise.all(Array.from({ length: BACKGROUND_SYNCS }, worker));
  await work();
  const deadline = performance.now() + WAIT_FOR_OTHERS_MS;
  while (isRequested && !isLimited && performance.now() < deadline && (await isSyncPending(tried))) {
    await sleep(LOOK_AGAIN_MS);
    await work();
  }
  return synced;
}
