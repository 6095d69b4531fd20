/** GitHub's limits reset after an hour at most; nothing that it says holds calls back for longer. */
const LONGEST_MS = 3_600_000;

/** Who has to leave GitHub alone until when, because GitHub said so. */
export class Holds {
  readonly #until = new Map<string, number>();

  /** @param now a clock that only runs forward, in milliseconds */
  constructor(private readonly now: () => number) {}

  /** Milliseconds left; 0: none. */
  leftMs(bucket: string): number {
    return Math.max(0, (this.#until.get(bucket) ?? 0) - this.now());
  }

  hold(bucket: string, ms: number): void {
    const now = this.now();
    for (const [other, until] of this.#until) if (until <= now) this.#until.delete(other);
    this.#until.set(bucket, now + Math.min(ms, LONGEST_MS));
  }
}
