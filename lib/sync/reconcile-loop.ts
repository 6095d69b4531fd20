import { getConfig } from '../config';
import { resumeEndChecks } from '../installation/confirm-end';
import { log } from '../observability/log';
import { syncInBackground } from './background-sync';
import { reconcile } from './reconcile';

/** The share of the interval within which another replica's pass counts as this one's. */
const RECENT_SHARE_OF_INTERVAL = 0.8;

/**
 * Reconciles every `RECONCILE_INTERVAL_SECONDS`, with a jitter that spreads the replicas. The timer does not keep
 * the process alive.
 */
export function startReconcileLoop(): void {
  const { reconcileIntervalSeconds } = getConfig();
  resumeEndChecks((id) => void syncInBackground(id)).catch((error: unknown) =>
    log.warn(
      { err: error },
      'ends that were seen before the start could not be read; reconcile confirms them',
    ),
  );
  if (reconcileIntervalSeconds === 0) return;
  const schedule = () =>
    setTimeout(run, reconcileIntervalSeconds * 1000 * (0.9 + Math.random() * 0.2)).unref();
  const run = async () => {
    try {
      log.debug(
        await reconcile(Math.max(1, Math.floor(reconcileIntervalSeconds * RECENT_SHARE_OF_INTERVAL))),
        'reconciled',
      );
    } catch (error) {
      log.warn({ err: error }, 'reconcile did not get through; it runs again');
    }
    schedule();
  };
  schedule();
}
