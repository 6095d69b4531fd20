import { withDeadline } from './deadline';

type Times = {
  /** How long an answer is given to everybody. */
  freshMs: number;
  /** How long nothing is asked after a failure. */
  retryMs: number;
  /** How long one question may take. Then it has failed, whatever becomes of it. */
  patienceMs: number;
};

/**
 * Shares one answer among all callers, so that many of them cost what one does. One question is under way at a time;
 * meanwhile, and after a failure, callers get the last answer. Only callers before the first answer wait.
 *
 * @returns `ask` as often as wanted; it throws only if there never was an answer
 */
export function sharedAnswer<T>(
  ask: () => Promise<T>,
  { freshMs, retryMs, patienceMs }: Times,
): () => Promise<T> {
  let last: { value: T } | undefined;
  let failure: unknown;
  let askAgainAt = 0;
  let asking: Promise<void> | undefined;
  const askNow = async () => {
    try {
      last = { value: await withDeadline(ask(), patienceMs, 'what all readers wait for') };
      askAgainAt = performance.now() + freshMs;
    } catch (error) {
      failure = error;
      askAgainAt = performance.now() + retryMs;
    } finally {
      asking = undefined;
    }
  };
  return async () => {
    if (performance.now() >= askAgainAt) asking ??= askNow();
    if (last === undefined) await asking;
    if (last === undefined) throw failure;
    return last.value;
  };
}
