import type { GitHubCause } from '../../contract/github-causes';

/** GitHub's limits reset after an hour at most; nothing that it says holds calls back for longer. */
const LONGEST_MS = 3_600_000;
/** The oldest is forgotten first; GitHub then says again for how long it wants to be left alone. */
const MOST_HELD = 5000;

type Hold = { until: number; reason: GitHubCause };

/** Who has to leave GitHub alone until when, because GitHub said so. */
export class Holds {
  readonly #holds = new Map<string, Hold>();

  /** @param now a clock that only runs forward, in milliseconds */
  constructor(private readonly now: () => number) {}

  /** @returns milliseconds left, and why; `undefined`: none */
  find(bucket: string): { leftMs: number; reason: GitHubCause } | undefined {
    const hold = this.#holds.get(bucket);
    const leftMs = hold === undefined ? 0 : hold.until - this.now();
    return hold !== undefined && leftMs > 0 ? { leftMs, reason: hold.reason } : undefined;
  }

  hold(bucket: string, ms: number, reason: GitHubCause): void {
    const now = this.now();
    for (const [other, { until }] of this.#holds) if (until <= now) this.#holds.delete(other);
    const [oldest] = this.#holds.keys();
    if (this.#holds.size >= MOST_HELD && oldest !== undefined) this.#holds.delete(oldest);
    this.#holds.set(bucket, { until: now + Math.min(ms, LONGEST_MS), reason });
  }
}
