import { setTimeout as sleep } from 'node:timers/promises';
import { Bulkhead, onePerProcess } from '../async';
import { finishBeforeExit } from '../background';
import { GitHubError } from '../github/errors';
import { log } from '../observability/log';
import { isSyncPending, isSyncRequested, takeDueLease } from './lease';
import { syncInstallation, syncUnderLease } from './sync';

/**
 * How many background syncs run concurrently in this process. Each sync makes up to eight concurrent calls to GitHub,
 * so more syncs would take all slots in `lib/github/traffic` that are not reserved for mints.
 */
export const BACKGROUND_SYNCS = 3;

/**
 * How long a sync may wait for a slot. After that, it is dropped from this queue, but stays requested, so reconcile
 * runs it.
 */
const LONGEST_WAIT_MS = 300_000;

const background = onePerProcess('background syncs', () => ({
  slots: new Bulkhead({ inAll: BACKGROUND_SYNCS }),
  /** Queued syncs, by installation. */
  waiting: new Map<number, Promise<void>>(),
  /** Running syncs, by installation, each until the end of the pause after it. */
  running: new Map<number, Promise<void>>(),
}));

/** The pause after an installation's sync, before webhooks start the next one. Only tests change it. */
export const syncPause = { ms: 1000 };

/**
 * Runs `work` once a slot is free.
 *
 * @returns the result of `work`; `undefined` if no slot became free in time
 */
export async function inBackgroundSlot<T>(work: () => Promise<T>): Promise<T | undefined> {
  const release = await background().slots.enter('', LONGEST_WAIT_MS);
  if (release === undefined) {
    log.warn('a sync found no slot in time and is left to reconcile');
    return undefined;
  }
  return work().finally(release);
}

/**
 * Queues a sync after a webhook or a refused mint. On SIGTERM, the process waits for it. However many webhooks arrive while an installation is queued, or while its last sync is
 * running or followed by its pause, it is synced only once more. It is not synced if that last sync, which reads GitHub
 * again after each change, has seen them all.
 */
export function syncInBackground(installationId: number): Promise<void> {
  const { waiting, running } = background();
  const queued = waiting.get(installationId);
  if (queued) return queued;
  const last = running.get(installationId);
  const start = async () => {
    // A webhook that arrives from here on must not rely on this sync, so it queues another one.
    waiting.delete(installationId);
    const work = syncUnlessSeen(installationId, last !== undefined);
    const ended = work.then(() => sleep(syncPause.ms, undefined, { ref: false }));
    running.set(installationId, ended);
    void ended.then(() => {
      if (running.get(installationId) === ended) running.delete(installationId);
    });
    await work;
  };
  const sync = (last ?? Promise.resolve())
    .then(() => inBackgroundSlot(start))
    .then(() => {})
    .finally(() => {
      if (waiting.get(installationId) === sync) waiting.delete(installationId);
    });
  waiting.set(installationId, sync);
  finishBeforeExit(sync);
  return sync;
}

/** Syncs an installation, unless an earlier sync has already satisfied the request. */
async function syncUnlessSeen(installationId: number, isFollowing: boolean): Promise<void> {
  if (isFollowing && !(await isSyncRequested(installationId).catch(() => true))) return;
  await syncInstallation(installationId);
}

/**
 * How long to wait for syncs in other processes. Leases and webhook transactions are shorter, so all current ones have
 * ended or expired by then.
 */
const WAIT_FOR_OTHERS_MS = 15_000;
const LOOK_AGAIN_MS = 250;

/**
 * Syncs all installations that are due. Each installation is synced once across all replicas, because a sync needs the
 * lease. Stops early if GitHub rate limits the app.
 *
 * @param isRequested whether to also retry syncs that failed recently, and to wait for syncs in other processes, which
 *   may have crashed
 * @returns the number of installations that this process synced
 */
export async function syncDue(isRequested: boolean): Promise<number> {
  const tried: number[] = [];
  let synced = 0;
  let isLimited = false;
  /**
   * Syncs one installation.
   *
   * @returns `true` if it tried one; `false` if none is due
   */
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
