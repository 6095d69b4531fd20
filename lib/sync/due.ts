import { setTimeout as sleep } from 'node:timers/promises';
import { GitHubError } from '../github/error';
import { BACKGROUND_SYNCS, inBackgroundSlot } from './background-sync';
import { isAskedForStill, takeDueLease } from './lease';
import { syncUnderLease } from './sync';

/** Longer than a lease, and than any transaction of a delivery: by then either has done its work or run out. */
const WAIT_FOR_OTHERS_MS = 15_000;
const LOOK_AGAIN_MS = 250;

/**
 * Syncs what is due, each installation once, whoever else does the same: who takes the lease does it. Ends early when
 * GitHub asks to be left alone.
 *
 * @param isAskedFor tries those, too, that failed a moment ago, and waits for what others are at, or have died over
 * @returns how many this process has synced
 */
export async function syncDue(isAskedFor: boolean): Promise<number> {
  const tried: number[] = [];
  let synced = 0;
  let isLimited = false;
  /** @returns whether there was one */
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
