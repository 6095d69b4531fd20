import { setTimeout as sleep } from 'node:timers/promises';
import { GitHubError } from '../github/error';
import { BACKGROUND_SYNCS, inBackgroundSlot } from './background-sync';
import { isAskedForStill, takeDueLease } from './lease';
import { syncUnderLease } from './sync';

/** Longer than a lease and than any transaction of a delivery. By then, each has finished or expired. */
const WAIT_FOR_OTHERS_MS = 15_000;
const LOOK_AGAIN_MS = 250;

/**
 * Syncs the due installations, each once across all replicas, because the sync needs the lease. It stops early when
 * GitHub rate limits.
 *
 * @param isAskedFor also tries syncs that failed a moment ago, and waits for syncs of others, which may have died
 * @returns how many installations this process synced
 */
export async function syncDue(isAskedFor: boolean): Promise<number> {
  const tried: number[] = [];
  let synced = 0;
  let isLimited = false;
  /** @returns whether an installation was due */
  const syncNext = async (): Promise<boolean> => {
    const lease = await takeDueLease({ ignoreBackoff: isAskedFor, except: tried });
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
  while (isAskedFor && !isLimited && performance.now() < deadline && (await isAskedForStill(tried))) {
    await sleep(LOOK_AGAIN_MS);
    await work();
  }
  return synced;
}
