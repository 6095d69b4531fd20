type Limits = {
  /** Slots of all callers together. */
  inAll: number;
  /** Slots of one caller, a workspace for example. */
  each: number;
  /** Callers of one kind that may wait for a slot; the next one is turned away immediately. */
  waiting: number;
  /** Slots that only a caller who has none may take. */
  spare?: number;
};

type Caller = { inside: number; waiting: Set<() => void> };

/**
 * Bounds work in all and by caller, so that no caller takes every slot or fills the queue of the others. A free slot
 * goes to the caller who has gone without one for the longest time.
 */
export class Bulkhead {
  #free: number;
  /** In the order of their turns. */
  readonly #callers = new Map<string, Caller>();

  constructor(private readonly limits: Limits) {
    this.#free = limits.inAll;
  }

  /**
   * Waits for a slot.
   *
   * @param of whose work it is
   * @returns releases the slot, to be called once; `undefined` if none was free in time or too many wait already
   */
  enter(of: string, waitMs: number): Promise<(() => void) | undefined> {
    const caller = this.#callers.get(of) ?? { inside: 0, waiting: new Set() };
    const { each, waiting } = this.limits;
    if (caller.inside + caller.waiting.size >= each + waiting) return Promise.resolve(undefined);
    this.#callers.set(of, caller);
    return new Promise((resolve) => {
      const enter = () => {
        clearTimeout(timer);
        resolve(() => this.#leave(of, caller));
      };
      const timer = setTimeout(() => {
        caller.waiting.delete(enter);
        if (caller.inside === 0 && caller.waiting.size === 0) this.#callers.delete(of);
        resolve(undefined);
      }, waitMs);
      caller.waiting.add(enter);
      this.#grant();
    });
  }

  #grant(): void {
    for (const [of, caller] of [...this.#callers]) {
      const [enter] = caller.waiting;
      if (enter === undefined || !this.#mayEnter(caller)) continue;
      caller.waiting.delete(enter);
      caller.inside++;
      this.#free--;
      this.#moveToEnd(of, caller);
      enter();
    }
  }

  #mayEnter({ inside }: Caller): boolean {
    const { each, spare = 0 } = this.limits;
    return inside < each && this.#free > (inside === 0 ? 0 : spare);
  }

  #leave(of: string, caller: Caller): void {
    caller.inside--;
    this.#free++;
    this.#moveToEnd(of, caller);
    this.#grant();
  }

  /** Forgets a caller who is neither inside nor waiting. */
  #moveToEnd(of: string, caller: Caller): void {
    this.#callers.delete(of);
    if (caller.inside > 0 || caller.waiting.size > 0) this.#callers.set(of, caller);
  }
}
