/** Whether the store is worth waiting for. One for all policies, because they share the store. */
export class Circuit {
  #openUntil = 0;
  #open = false;
  #probing = false;

  /**
   * @param cooldownMs how long nobody asks a store that has just failed
   * @param now a clock that only runs forward, in milliseconds
   */
  constructor(
    private readonly cooldownMs: number,
    private readonly now: () => number,
    private readonly onChange: (open: boolean, error?: unknown) => void,
  ) {}

  /**
   * `ask`: wait for the store. `skip`: decide without it. `probe`: decide without it, but ask it in the
   * background to learn whether it is back; one caller at a time gets this.
   */
  next(): 'ask' | 'probe' | 'skip' {
    if (!this.#open) return 'ask';
    if (this.#probing || this.now() < this.#openUntil) return 'skip';
    this.#probing = true;
    return 'probe';
  }

  succeeded(): void {
    this.#probing = false;
    if (!this.#open) return;
    this.#open = false;
    this.onChange(false);
  }

  failed(error: unknown): void {
    this.#probing = false;
    this.#openUntil = this.now() + this.cooldownMs;
    if (this.#open) return;
    this.#open = true;
    this.onChange(true, error);
  }
}
