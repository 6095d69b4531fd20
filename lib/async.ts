/** Bounds on work that others wait for: deadline, circuit, bulkhead and shared answer. */
import { setImmediate } from 'node:timers/promises';

/** Thrown when some work missed its deadline. */
export class DeadlinePassed extends Error {
  override readonly name = 'DeadlinePassed';
}

/**
 * Waits for some work until its deadline. The work itself continues: give it a signal where it can be cancelled.
 *
 * @param what stands in the message of the error: `the database`
 * @throws what the work throws, or {@link DeadlinePassed}
 */
export async function withDeadline<T>(work: Promise<T>, deadlineMs: number, what: string): Promise<T> {
  const ended = await race(work, deadlineMs);
  if (ended === undefined) throw new DeadlinePassed(`${what} did not answer within ${deadlineMs} ms`);
  return ended.value;
}

/**
 * As {@link withDeadline}, for work that may well continue in the background.
 *
 * @returns `undefined` if the work has not ended by then
 * @throws what the work throws by then; a later error is lost
 */
export async function waitAtMost<T>(work: Promise<T>, waitMs: number): Promise<T | undefined> {
  return (await race(work, waitMs))?.value;
}

async function race<T>(work: Promise<T>, waitMs: number): Promise<{ value: T } | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    const giveUp = async () => {
      // A busy event loop runs late timers before I/O callbacks. Responses that have arrived settle first.
      await setImmediate();
      await setImmediate();
      resolve(undefined);
    };
    timer = setTimeout(giveUp, waitMs);
  });
  try {
    return await Promise.race([work.then((value) => ({ value })), late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Keeps one value per process, on `globalThis`. Next loads a module once for the instrumentation hook, and again for
 * pages and for route handlers.
 *
 * @returns a function that creates the value at its first call; `forget` returns a created value, and the next call
 *   creates another one
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
 * through, which tells whether the service is back. Any success closes it.
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

  /** Returns the milliseconds to wait before a call; 0 lets it through. */
  waitMs(): number {
    if (!this.isOpen()) return 0;
    const left = this.#openUntil - this.now();
    return left > 0 ? left : this.#probing ? this.options.pauseMs : 0;
  }

  /** Registers a call. While the circuit is open, only this call tries the service. */
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
  /** Calls of one caller that may wait for a slot. The next call is refused immediately. Unbounded by default. */
  waiting?: number;
  /** Slots that are kept for callers without one. */
  spare?: number;
};

type Caller = { inside: number; waiting: Set<() => void> };

/**
 * Bounds work in total and by caller, so that no caller takes every slot or fills the queue of the others. A free slot
 * goes to the caller who has waited longest since its last slot. Calls of one caller enter in their order.
 */
export class Bulkhead {
  readonly #limits: Required<Slots>;
  #free: number;
  /** Ordered by turn. */
  readonly #callers = new Map<string, Caller>();

  constructor({ inAll, each = inAll, waiting = Number.POSITIVE_INFINITY, spare = 0 }: Slots) {
    this.#limits = { inAll, each, waiting, spare };
    this.#free = inAll;
  }

  /** The number of callers that hold or await a slot. For tests. */
  get callers(): number {
    return this.#callers.size;
  }

  /**
   * Waits for a slot.
   *
   * @param of the caller; a constant where callers are not told apart
   * @returns releases the slot, and changes nothing when called again; `undefined` if no slot was free in time or too
   *   many calls wait already
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
  /** The time for which every caller gets the same answer. */
  freshMs: number;
  /** The pause after a failure. */
  retryMs: number;
  /** The deadline of one question. A later answer is ignored. */
  patienceMs: number;
  /** Makes every caller wait for a renewal, where a stale answer would mislead. */
  awaitsRenewal?: boolean;
};

/**
 * Shares one answer among all callers, so that many callers cost as much as one. One question is pending at a time.
 * Meanwhile, and after a failure, callers get the last answer, unless they have to wait for its renewal. Callers before
 * the first answer wait.
 *
 * @returns a function that throws the last failure only while there is no answer
 */
export function sharedAnswer<T>(
  ask: () => Promise<T>,
  { freshMs, retryMs, patienceMs, awaitsRenewal = false }: Times,
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
      if (awaitsRenewal) last = undefined;
      askAgainAt = performance.now() + retryMs;
    } finally {
      asking = undefined;
    }
  };
  return async () => {
    if (performance.now() >= askAgainAt) asking ??= askNow();
    if (last === undefined || awaitsRenewal) await asking;
    if (last === undefined) throw failure;
    return last.value;
  };
}
