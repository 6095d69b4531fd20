/** Bounds on work that others wait for: how long, whether at all, how much concurrently, and how often anew. */

/** Thrown when some work did not end in the time that it was given. */
export class DeadlinePassed extends Error {
  override readonly name = 'DeadlinePassed';
}

/**
 * Waits for some work no longer than it may take. The work itself goes on: give it a signal where it can be cancelled.
 *
 * @param what stands in the message of the error: `the database`
 * @throws what the work throws, or {@link DeadlinePassed}
 */
export async function withDeadline<T>(work: Promise<T>, deadlineMs: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new DeadlinePassed(`${what} did not answer within ${deadlineMs} ms`)),
      deadlineMs,
    );
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Keeps one value a process, on `globalThis`: Next loads a module once for the instrumentation hook, and again for
 * pages and for route handlers.
 *
 * @returns a function that creates the value at its first call; `forget` returns a value that was created, and the next
 *   call creates it anew
 */
export function onePerProcess<T>(name: string, create: () => T): (() => T) & { forget(): T | undefined } {
  const shared = globalThis as typeof globalThis & { pulsestream?: Map<string, unknown> };
  shared.pulsestream ??= new Map();
  const values = shared.pulsestream;
  const get = (): T => {
    if (!values.has(name)) values.set(name, create());
    return values.get(name) as T;
  };
  const forget = (): T | undefined => {
    const value = values.get(name) as T | undefined;
    values.delete(name);
    return value;
  };
  return Object.assign(get, { forget });
}

/**
 * Fails fast while another service is down. Opens after several failures in a row. After a pause it lets one call
 * through, to learn whether the service is back. Any success closes it.
 */
export class Circuit {
  #failures = 0;
  #openUntil = 0;
  #probing = false;

  /**
   * @param now a clock that only runs forward, in milliseconds
   * @param onChange called when the circuit opens, with the error of the failure, and when it closes
   */
  constructor(
    private readonly options: { failures: number; pauseMs: number },
    private readonly now: () => number,
    private readonly onChange: (isOpen: boolean, error?: unknown) => void = () => {},
  ) {}

  /** Returns the milliseconds during which no call is worth trying; 0: go ahead. */
  waitMs(): number {
    if (!this.isOpen()) return 0;
    const left = this.#openUntil - this.now();
    return left > 0 ? left : this.#probing ? this.options.pauseMs : 0;
  }

  /** Called for a call that goes ahead. While the circuit is open this is the only one that tries. */
  enter(): void {
    if (this.isOpen()) this.#probing = true;
  }

  succeeded(): void {
    const wasOpen = this.isOpen();
    this.#failures = 0;
    this.#probing = false;
    if (wasOpen) this.onChange(false);
  }

  failed(error?: unknown): void {
    this.#failures++;
    this.#probing = false;
    if (!this.isOpen()) return;
    this.#openUntil = this.now() + this.options.pauseMs;
    if (this.#failures === this.options.failures) this.onChange(true, error);
  }

  isOpen(): boolean {
    return this.#failures >= this.options.failures;
  }
}

type Slots = {
  /** Slots of all callers together. */
  inAll: number;
  /** Slots of one caller, a workspace for example; as many as `inAll` by default. */
  each?: number;
  /** Callers of one kind that may wait for a slot; the next one is turned away immediately. No bound by default. */
  waiting?: number;
  /** Slots that only a caller who has none may take. */
  spare?: number;
};

type Caller = { inside: number; waiting: Set<() => void> };

/**
 * Bounds work in all and by caller, so that no caller takes every slot or fills the queue of the others. A free slot
 * goes to the caller who has gone without one for the longest time; calls of one caller enter in their order.
 */
export class Bulkhead {
  readonly #limits: Required<Slots>;
  #free: number;
  /** In the order of their turns. */
  readonly #callers = new Map<string, Caller>();

  constructor({ inAll, each = inAll, waiting = Number.POSITIVE_INFINITY, spare = 0 }: Slots) {
    this.#limits = { inAll, each, waiting, spare };
    this.#free = inAll;
  }

  /** How many callers are inside or wait. For tests. */
  get callers(): number {
    return this.#callers.size;
  }

  /**
   * Waits for a slot.
   *
   * @param of whose work it is; the same for all where callers are not told apart
   * @returns releases the slot, and changes nothing when called again; `undefined` if none was free in time or too many
   *   wait already
   */
  enter(of: string, waitMs: number): Promise<(() => void) | undefined> {
    const caller = this.#callers.get(of) ?? { inside: 0, waiting: new Set() };
    const { each, waiting } = this.#limits;
    if (caller.inside + caller.waiting.size >= each + waiting) return Promise.resolve(undefined);
    this.#callers.set(of, caller);
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      const enter = () => {
        clearTimeout(timer);
        resolve(once(() => this.#leave(of, caller)));
      };
      caller.waiting.add(enter);
      this.#grant();
      if (!caller.waiting.has(enter)) return;
      timer = setTimeout(() => {
        caller.waiting.delete(enter);
        if (caller.inside === 0 && caller.waiting.size === 0) this.#callers.delete(of);
        resolve(undefined);
      }, waitMs);
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
    const { each, spare } = this.#limits;
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

function once(release: () => void): () => void {
  let isReleased = false;
  return () => {
    if (!isReleased) release();
    isReleased = true;
  };
}

type Times = {
  /** How long every caller gets the same answer. */
  freshMs: number;
  /** How long nothing is asked after a failure. */
  retryMs: number;
  /** How long one question may take. Then it has failed, even if it is answered later. */
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
      last = { value: await withDeadline(ask(), patienceMs, 'the question that all readers wait for') };
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
