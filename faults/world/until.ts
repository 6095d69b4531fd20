import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Repeats the probe until it returns true, and returns how long that took, in milliseconds.
 *
 * @throws after the timeout, with `what` did not happen
 */
export async function until(
  what: string,
  probe: () => boolean | Promise<boolean>,
  { timeoutMs = 60_000, everyMs = 50 } = {},
): Promise<number> {
  const started = performance.now();
  while (!(await probe())) {
    if (performance.now() - started > timeoutMs) throw new Error(`did not happen in time: ${what}`);
    await sleep(everyMs);
  }
  return performance.now() - started;
}
