import { setTimeout as sleep } from 'node:timers/promises';
import { confirmPendingEnds } from '../installation/confirm-end';
import { repeatUninstalls } from '../installation/disconnect';
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
  /** Installations in GitHub's list. */
  listed: number;
  /** Installations that were unknown here. */
  discovered: number;
  /** Installations that were synced, because they differ from the list or were due. */
  synced: number;
  /** Uninstalls that were repeated at GitHub. */
  uninstalled: number;
  /** Deliveries that were missed and requested again. */
  redelivered: number;
};

const NOTHING = { listed: 0, discovered: 0, uninstalled: 0, redelivered: 0 };

/**
 * Runs one pass: compares GitHub's list of installations with ours, repeats failed uninstalls, requests missed
 * deliveries, syncs due installations, and deletes old rows. One replica leads a pass; all replicas share its
 * syncs. The pass ends with the second witnesses of pending ends.
 *
 * @param unlessWithinSeconds a pass this recent is enough, so that replicas share the interval. With 0, a pass that
 *   began after the call has succeeded when this returns, here or elsewhere
 * @throws {GitHubError} if the list cannot be read; the loop's next pass then waits for longer
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

/** @returns `undefined` once another replica has led a pass that began after the call, or while GitHub rate limits */
async function waitForPass(): Promise<Pass | undefined> {
  const beganAfter = await readDatabaseClock();
  for (;;) {
    // A running pass may have begun too early, and a pass that begins before `beginPass` must be waited for.
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
