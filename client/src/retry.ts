import type { Clock } from './clock.js';
import { PulseStreamError } from './errors.js';

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8_000;

export type RetryPolicy = {
  clock: Clock;
  maxRetries: number;
  /** When the call's deadline passes, by the clock. */
  endsAt: number;
  /** True if sending the request twice has the same effect as sending it once. A mint has not: each makes a token. */
  idempotent: boolean;
  signal: AbortSignal;
};

/**
 * Repeats a request while that is safe, and while the next attempt would begin before the deadline.
 *
 * @throws the last attempt's error
 */
export async function withRetries<T>(policy: RetryPolicy, attempt: () => Promise<T>): Promise<T> {
  const { clock, maxRetries, endsAt, signal } = policy;
  for (let retries = 0; ; retries++) {
    try {
      return await attempt();
    } catch (error) {
      signal.throwIfAborted();
      if (retries >= maxRetries || !(error instanceof PulseStreamError) || !mayRepeat(error, policy))
        throw error;
      const wait = waitMs(error, retries);
      if (clock.now() + wait >= endsAt) throw error;
      await clock.sleep(wait, signal);
    }
  }
}

const mayRepeat = ({ retry }: PulseStreamError, { idempotent }: RetryPolicy): boolean =>
  retry === 'safe' || (retry === 'if_idempotent' && idempotent);

/** Spreads the attempts of many clients by up to half, also if all of them were told the same time. */
function waitMs({ retryAfterSeconds }: PulseStreamError, retries: number): number {
  const least = retryAfterSeconds === undefined ? 0 : retryAfterSeconds * 1000;
  const step = Math.min(FIRST_WAIT_MS * 2 ** retries, LONGEST_WAIT_MS);
  return least + step * (0.5 + Math.random() / 2);
}

/** Parses `Retry-After`, which holds seconds or a date. A date is compared with the server's own clock. */
export function parseRetryAfter(headers: Headers, now: number): number | undefined {
  const value = headers.get('retry-after')?.trim();
  if (value === undefined || value === '') return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value);
  const until = Date.parse(value);
  if (Number.isNaN(until)) return undefined;
  return Math.max(0, Math.ceil((until - (dateOf(headers) ?? now)) / 1000));
}

/** Returns the server's time in milliseconds, or undefined if it sent none. */
export function dateOf(headers: Headers): number | undefined {
  const date = Date.parse(headers.get('date') ?? '');
  return Number.isNaN(date) ? undefined : date;
}
