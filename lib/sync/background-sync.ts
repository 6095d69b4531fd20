import { Bulkhead, onePerProcess } from '../async';
import { log } from '../observability/log';
import { syncInstallation } from './sync';

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
