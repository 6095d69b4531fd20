import { Semaphore } from './semaphore';

type Limits = {
  /** Slots of all callers together. */
  inAll: number;
  /** Slots of one caller, a workspace for example. */
  each: number;
  /** Callers of one kind that may wait for a slot; the next one is turned away immediately. */
  waiting: number;
};

type Queue = { slots: Semaphore; present: number };

/** Bounds work in all and by caller, so that no caller takes every slot or fills the queue of the others. */
export class Bulkhead {
  readonly #all: Semaphore;
  readonly #queues = new Map<string, Queue>();

  constructor(private readonly limits: Limits) {
    this.#all = new Semaphore(limits.inAll);
  }

  /**
   * Waits for a slot.
   *
   * @param of whose work it is
   * @returns releases the slot, to be called once; `undefined` if none was free in time or too many wait already
   */
  async enter(of: string, waitMs: number): Promise<(() => void) | undefined> {
    const { each, waiting } = this.limits;
    const queue = this.#queues.get(of) ?? { slots: new Semaphore(each), present: 0 };
    if (queue.present >= each + waiting) return undefined;
    this.#queues.set(of, queue);
    queue.present++;
    const leaveQueue = () => {
      if (--queue.present === 0) this.#queues.delete(of);
    };
    const started = performance.now();
    const leaveOwn = await queue.slots.acquire(waitMs);
    const leaveAll = leaveOwn && (await this.#all.acquire(waitMs - (performance.now() - started)));
    if (leaveOwn === undefined || leaveAll === undefined) {
      leaveOwn?.();
      leaveQueue();
      return undefined;
    }
    return () => {
      leaveAll();
      leaveOwn();
      leaveQueue();
    };
  }
}
