/**
 * Fails fast while GitHub is down: opens after several failures in a row, and after a pause lets one call through to
 * learn whether GitHub is back. Any answer that is not a failure closes it.
 */
export class Circuit {
  #failures = 0;
  #openUntil = 0;
  #probing = false;

  /** @param now a clock that only runs forward, in milliseconds */
  constructor(
    private readonly options: { failures: number; pauseMs: number },
    private readonly now: () => number,
    private readonly onChange: (open: boolean) => void = () => {},
  ) {}

  /** Milliseconds for which it is not worth asking; 0: go ahead. */
  waitMs(): number {
    if (!this.isOpen()) return 0;
    const left = this.#openUntil - this.now();
    return left > 0 ? left : this.#probing ? this.options.pauseMs : 0;
  }

  /** Called by whoever goes ahead. While open this is the one call that tries. */
  enter(): void {
    if (this.isOpen()) this.#probing = true;
  }

  succeeded(): void {
    const wasOpen = this.isOpen();
    this.#failures = 0;
    this.#probing = false;
    if (wasOpen) this.onChange(false);
  }

  failed(): void {
    this.#failures++;
    this.#probing = false;
    if (!this.isOpen()) return;
    this.#openUntil = this.now() + this.options.pauseMs;
    if (this.#failures === this.options.failures) this.onChange(true);
  }

  isOpen(): boolean {
    return this.#failures >= this.options.failures;
  }
}
