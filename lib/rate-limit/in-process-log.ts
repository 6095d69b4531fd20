import { grainMs } from './grain';
import type { Policy } from './policies';

export interface Reservation {
  allowed: boolean;
  remaining: number;
  /** Milliseconds until the next place becomes free. */
  waitMs: number;
  /** Gives an allowed place back, as if it had never been asked for. */
  release(): void;
}

interface Entry {
  at: number;
  count: number;
}

/**
 * The same exact sliding window as in the store, for the requests that this process has let through.
 *
 * Memory is bounded: of more than `maxKeys` clients the one seen longest ago is forgotten. Only somebody with
 * that many addresses, during an outage of the store, gains by it.
 */
export class InProcessLog {
  readonly #logs = new Map<string, Entry[]>();

  constructor(
    private readonly now: () => number,
    private readonly maxKeys = 20_000,
  ) {}

  reserve(policy: Policy, key: string): Reservation {
    const now = this.now();
    const windowMs = policy.windowSeconds * 1000;
    const log = (this.#logs.get(key) ?? []).filter(({ at }) => at > now - windowMs);
    const used = log.reduce((sum, { count }) => sum + count, 0);
    if (used >= policy.limit) {
      this.#touch(key, log);
      return { allowed: false, remaining: 0, waitMs: waitFor(log, windowMs, now), release: () => {} };
    }
    const grain = grainMs(policy);
    const newest = log.at(-1);
    const at = Math.max(Math.ceil(now / grain) * grain, newest?.at ?? 0);
    const entry = newest?.at === at ? newest : { at, count: 0 };
    entry.count += 1;
    if (entry !== newest) log.push(entry);
    this.#touch(key, log);
    return {
      allowed: true,
      remaining: policy.limit - used - 1,
      waitMs: waitFor(log, windowMs, now),
      release: () => {
        entry.count -= 1;
      },
    };
  }

  get size(): number {
    return this.#logs.size;
  }

  #touch(key: string, log: Entry[]): void {
    this.#logs.delete(key);
    this.#logs.set(
      key,
      log.filter(({ count }) => count > 0),
    );
    if (this.#logs.size <= this.maxKeys) return;
    const [oldestKey] = this.#logs.keys();
    if (oldestKey !== undefined) this.#logs.delete(oldestKey);
  }
}

function waitFor(log: Entry[], windowMs: number, now: number): number {
  const oldest = log.find(({ count }) => count > 0);
  return oldest === undefined ? 0 : oldest.at + windowMs - now;
}
