import { log } from '../observability/log';
import { reconcile } from './reconcile';

/** A pass this recent is enough. Senders of empty payloads cause at most one read of GitHub's list per minute. */
const QUIET_SECONDS = 60;

let running: Promise<void> | undefined;

/** Compares with GitHub when a payload lacks its data. Within the quiet time, the loop's next pass does it. */
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
