import { log } from '../observability/log';
import { Semaphore } from '../semaphore';
import { syncInstallation } from './sync';

/**
 * Syncs at once in this process that nobody waits for. Each asks GitHub for eight things at once at most, so that of
 * the places in `lib/github/traffic` others find some, too; the mints have their own there.
 */
export const BACKGROUND_SYNCS = 3;

/** Who waits longer is left to reconcile: that it was asked for stays on record. Milliseconds. */
const LONGEST_WAIT_MS = 300_000;

type Background = { places: Semaphore; waiting: Map<number, Promise<void>> };

/** Kept on `globalThis` because Next loads this module once for the instrumentation hook and again for handlers. */
const shared = globalThis as typeof globalThis & { pulsestreamSyncs?: Background };

shared.pulsestreamSyncs ??= { places: new Semaphore(BACKGROUND_SYNCS), waiting: new Map() };

const { places, waiting } = shared.pulsestreamSyncs;

/** Runs when one of the places is free. @returns `undefined` if none was in time */
export async function inBackgroundPlace<T>(work: () => Promise<T>): Promise<T | undefined> {
  const leave = await places.acquire(LONGEST_WAIT_MS);
  if (leave === undefined) {
    log.warn('a sync found no place in time and is left to reconcile');
    return undefined;
  }
  return work().finally(leave);
}

/** For a webhook: an installation that waits already is synced once, after all that was said of it meanwhile. */
export function syncInBackground(installationId: number): Promise<void> {
  const queued = waiting.get(installationId);
  if (queued) return queued;
  const sync = inBackgroundPlace(async () => {
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
