/** At most so many at once; the others wait in the order in which they came, but not for ever. */
export class Semaphore {
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(places: number) {
    this.#free = places;
  }

  /** Whether nobody is inside; then the semaphore can be forgotten. */
  isIdle(places: number): boolean {
    return this.#free === places && this.#waiting.size === 0;
  }

  /**
   * @param waitMs the longest wait for a place
   * @returns how to give the place back, to be called once; `undefined` if there was none in time
   */
  acquire(waitMs: number): Promise<(() => void) | undefined> {
    if (this.#free > 0) {
      this.#free--;
      return Promise.resolve(this.#release);
    }
    return new Promise((resolve) => {
      const enter = () => {
        clearTimeout(timer);
        this.#waiting.delete(enter);
        resolve(this.#release);
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(enter);
        resolve(undefined);
      }, waitMs);
      this.#waiting.add(enter);
    });
  }

  /** The place goes to whoever has waited longest, without being free in between. */
  readonly #release = (): void => {
    const [next] = this.#waiting;
    if (next) next();
    else this.#free++;
  };
}
