import { onePerProcess } from './async';
import { log } from './observability/log';

const unfinished = onePerProcess('background work', () => new Set<Promise<void>>());

/**
 * Keeps the process from exiting on SIGTERM before this work has settled. Use it for work that no response waits for.
 * Reconcile would repeat lost work, but only minutes later.
 */
export function finishBeforeExit(work: Promise<unknown>): void {
  const ended = work
    .catch((error: unknown) => log.error({ err: error }, 'work in the background failed'))
    .then(() => void unfinished().delete(ended));
  unfinished().add(ended);
}

/** Waits for all work passed to {@link finishBeforeExit}, and for the work that it starts. */
export async function backgroundWorkEnded(): Promise<void> {
  while (unfinished().size > 0) await Promise.all(unfinished());
}
