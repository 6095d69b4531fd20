/**
 * Keeps slow or failing work from holding up its callers: deadlines, circuit breakers, bulkheads and shared answers.
 */
import { setImmediate } from 'node:timers/promises';

/** Thrown when work misses its deadline. */
export class DeadlinePassed extends Error {
  override readonly name = 'DeadlinePassed';
}

/**
 * Waits for work to settle, up to a deadline. A missed deadline doesn't stop the work, so pass an abort signal to work
 * that can be cancelled.
 *
 * @param what what the error message calls the work, for example `the database`
 * @throws whatever the work throws, or {@link DeadlinePassed}
 */
export async function withDeadline<T>(work: Promise<T>, deadlineMs: number, what: string): Promise<T> {
  const ended = await race(work, deadlineMs);
  if (ended === undefined) throw new DeadlinePassed(`${what} did not answer within ${deadlineMs} ms`);
  return ended.value;
}

/**
 * Like {@link withDeadline}, but for work that may just as well continue in the background.
 *
 * @returns the work's value, or `undefined` if the work hasn't finished in time
 * @throws whatever the work throws within that time; later errors are discarded
 */
export async function waitAtMost<T>(work: Promise<T>, waitMs: number): Promise<T | undefined> {
  return (await race(work, waitMs))?.value;
}

function race<T>(work: Promise<T>, waitMs: number): Promise<{ value: T } | undefined> {
  return new Promise((resolve, reject) => {
    const giveUp = async () => {
      // On a busy event loop, an overdue timer runs before I/O callbacks, so first let responses that have already
      // arrived settle.
      await setImmediate();
      await setImmediate();
      resolve(undefined);
    };
    const timer = setTimeout(giveUp, waitMs);
    work.then((value) => resolve({ value }), reject).finally(() => clearTimeout(timer));
  });
}

/**
 * Keeps one value per process, on `globalThis`. A module variable wouldn't do: Next loads each module separately for
 * the instrumentation hook, for pages and for route handlers.
 *
 * @returns a getter that creates the value on its first call. Its `forget` method removes and returns the value, so
 *   that the next call creates a new one. Its `replace` method sets another value, and returns the previous one
 */
export function onePerProcess<T>(
  name: string,
  create: () => T,
): (() => T) & { forget(): T | undefined; replace(value: T): T | undefined } {
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
  const replace = (value: T): T | undefined => {
    const previous = forget();
    values.set(name, value);
    return previous;
  };
  return Object.assign(get, { forget, replace });
}

/**
 * Circuit breaker that fails fast while another service is down. It opens after several failures in a row. After a
 * pause, it lets one call through to test whether the service is back. Any success closes it.
 */
export class Circuit {
  #failures = 0;
  #openUntil = 0;
  #probing = false;

  /**
   * @param now a monotonic clock, in milliseconds
   * @param onChange called when the circuit opens, with the error that opened it, and when it closes
   */
  constructor(
    private readonly options: { failures: number; pauseMs: number },
    private readonly now: () => number,
    private readonly onChange: (isOpen: boolean, error?: unknown) => void = () => {},
  ) {}

  /** Returns the time to wait before a call, in milliseconds; 0 if the call may go ahead. */
  waitMs(): number {
    if (!this.isOpen()) return 0;
    const left = this.#openUntil - this.now();
    return left > 0 ? left : this.#probing ? this.options.pauseMs : 0;
  }

  /** Registers a call. If the circuit is open, this call is the one that tests the service. */
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
  /** Slots shared by all callers. */
  inAll: number;
  /** Slots that one caller, such as a workspace, may hold. Defaults to `inAll`. */
  each?: number;
  /**
   * Cap on one caller's calls that are waiting for a slot. Further calls are rejected immediately. Unlimited by
   * default.
   */
  waiting?: number;
  /** Slots kept free for callers that don't hold any yet. */
  spare?: number;
};

type Caller = { inside: number; waiting: Set<() => void> };

/**
 * Limits concurrent work in total and per caller, so that no single caller can take every slot or fill the queue for
 * everybody. A free slot goes to the caller that has waited longest since its last slot. Calls by the same caller enter
 * in order of arrival.
 */
export class Bulkhead {
  readonly #limits: Required<Slots>;
  #free: number;
  /** In turn order: a free slot goes to the first caller that may take it. */
  readonly #callers = new Map<string, Caller>();

  constructor({ inAll, each = inAll, waiting = Number.POSITIVE_INFINITY, spare = 0 }: Slots) {
    this.#limits = { inAll, each, waiting, spare };
    this.#free = inAll;
  }

  /** The number of callers that have a slot or are waiting for one. Used by tests only. */
  get callers(): number {
    return this.#callers.size;
  }

  /**
   * Waits for a slot.
   *
   * @param of the caller, or any constant to treat all calls as one caller's
   * @returns a function that releases the slot, at most once; `undefined` if no slot becomes free in time or too many
   *   calls are waiting
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

  /** Moves a caller to the end of the order, or forgets it if it holds no slot and has no calls waiting. */
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
  /** How long an answer is shared before the question is asked again. */
  freshMs: number;
  /** How long to wait after a failure before asking again. */
  retryMs: number;
  /** The deadline for one question. A later answer is ignored. */
  patienceMs: number;
  /**
   * If true, callers wait for a new answer instead of getting a stale one. Use it where a stale answer would be
   * misleading.
   */
  awaitsRenewal?: boolean;
};

/**
 * Shares one answer among all callers, so that many callers cost no more than one. At most one question is pending at a
 * time. While it's pending, and after it fails, callers get the last answer, unless `awaitsRenewal` is set. If there's
 * no answer yet, they wait.
 *
 * @returns a function that returns the answer, or throws the last failure if there is no answer
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
