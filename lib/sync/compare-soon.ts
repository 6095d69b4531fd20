import { log } from '../observability/log';
import { reconcile } from './reconcile';

/** A pass so recent is enough: whoever sends payloads that say nothing has GitHub's list read once a minute at most. */
const QUIET_SECONDS = 60;

let running: Promise<void> | undefined;

/** Compares with GitHub what a payload did not say. Within the quiet time the next pass of the loop does it. */
export function compareSoon(): Promise<void> {
  running ??= reconcile(QUIET_SECONDS)
    .then(() => {})
    .catch((error: unknown) =>
      log.warn({ err: error }, 'a comparison did not get through; reconcile repeats it'),
    )
    .finally(() => {
      running = undefined;
    });
  return running;
}
