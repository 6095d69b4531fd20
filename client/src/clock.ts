import { setTimeout } from 'node:timers/promises';
import { PulseStreamError } from './errors.js';

/** The time. Tests may pass another clock. */
export type Clock = {
  /** Milliseconds since 1970. */
  now: () => number;
  /** Resolves after a time, or rejects with the signal's reason. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
};

export const SYSTEM_CLOCK: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    await setTimeout(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
  },
};

export type Limits = {
  clock: Clock;
  /** How long the work may take. */
  ms: number;
  /** The caller's signal. */
  outer: AbortSignal | undefined;
  /** How long a request that was sent may still take after the caller's abort. */
  graceMs: number;
};

/** Both are aborted by the deadline. After the caller's abort, `inFlight` is aborted later than `signal`. */
export type Signals = { signal: AbortSignal; inFlight: AbortSignal };

/**
 * Runs work that must end in time.
 *
 * @throws {PulseStreamError} `timeout`
 */
export async function withDeadline<T>(
  { clock, ms, outer, graceMs }: Limits,
  work: (signals: Signals) => Promise<T>,
): Promise<T> {
  outer?.throwIfAborted();
  const next = new AbortController();
  const inFlight = new AbortController();
  const ended = new AbortController();
  const abort = () => {
    next.abort(outer?.reason);
    const cut = () => inFlight.abort(outer?.reason);
    if (graceMs === 0) cut();
    else clock.sleep(graceMs, ended.signal).then(cut, () => {});
  };
  const late = () => {
    const timeout = new PulseStreamError('timeout', `The call took longer than ${ms} ms.`);
    next.abort(timeout);
    inFlight.abort(timeout);
  };
  outer?.addEventListener('abort', abort, { once: true });
  clock.sleep(ms, ended.signal).then(late, () => {});
  try {
    return await work({ signal: next.signal, inFlight: inFlight.signal });
  } finally {
    // Remove the listener: a process that never ends may use one signal for all of its calls.
    outer?.removeEventListener('abort', abort);
    ended.abort();
  }
}
