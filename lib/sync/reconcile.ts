import { setTimeout as sleep } from 'node:timers/promises';
import { repeatUninstalls } from '../installation/disconnect';
import { confirmPendingEnds } from '../installation/end-checks';
import { compareWithGitHub } from './compare-with-github';
import { syncDue } from './due';
import { forgetOld } from './prune';
import {
  beginPass,
  endFailedPass,
  endPass,
  isPassUnderWay,
  type Pass,
  readDatabaseClock,
  whileExtendingPass,
} from './reconcile-pass';
import { redeliverFailed } from './redeliver';

type ReconcileReport = {
  /** Installations that GitHub has. */
  listed: number;
  /** Installed without our hearing of it. */
  discovered: number;
  /** Asked again, because the list differs from what is stored or because a sync was due. */
  synced: number;
  /** Uninstalls that GitHub had missed. */
  uninstalled: number;
  /** Deliveries that we had missed and asked GitHub for again. */
  redelivered: number;
};

const NOTHING = { listed: 0, discovered: 0, uninstalled: 0, redelivered: 0 };

/**
 * One pass: compares GitHub's list of installations with ours, repeats uninstalls that did not get through, asks
 * again for deliveries that did not reach us, syncs what differs or is due, and forgets what is old. Of several
 * replicas one leads the pass; all share its syncs. Ends that were seen are confirmed last, or refuted.
 *
 * @param unlessWithinSeconds a pass so recent is enough, so that replicas share the interval. 0: when this returns, a
 *   pass has got through that began after the call, here or elsewhere
 * @throws {GitHubError} if the list cannot be read; the next pass by itself then waits for longer
 */
export async function reconcile(unlessWithinSeconds = 0): Promise<ReconcileReport> {
  const isAskedFor = unlessWithinSeconds === 0;
  const pass = isAskedFor ? await waitForPass() : await beginPass({ withinSeconds: unlessWithinSeconds });
  const led = pass === undefined ? NOTHING : await lead(pass);
  const synced = await syncDue(isAskedFor);
  const revived = await confirmPendingEnds(isAskedFor);
  return { ...led, synced: revived === 0 ? synced : synced + (await syncDue(isAskedFor)) };
}

const LOOK_AGAIN_MS = 100;

/** @returns `undefined` once another replica has led one that began after the call, or while GitHub wants no call */
async function waitForPass(): Promise<Pass | undefined> {
  const beganAfter = await readDatabaseClock();
  for (;;) {
    // One that ends before `beginPass` began too early, and one that begins before it has to be waited for.
    const wasUnderWay = await isPassUnderWay();
    const pass = await beginPass({ beganAfter });
    if (pass !== undefined) return pass;
    if (!wasUnderWay && !(await isPassUnderWay())) return undefined;
    await sleep(LOOK_AGAIN_MS);
  }
}

async function lead(pass: Pass): Promise<typeof NOTHING> {
  try {
    const report = await whileExtendingPass(pass, async () => {
      const compared = await compareWithGitHub(pass.startedAt);
      const uninstalled = await repeatUninstalls();
      const redelivered = await redeliverFailed();
      await forgetOld();
      return { ...compared, uninstalled, redelivered };
    });
    await endPass(pass);
    return report;
  } catch (error) {
    await endFailedPass(pass, error);
    throw error;
  }
}
