import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  Bulkhead,
  Circuit,
  DeadlinePassed,
  onePerProcess,
  sharedAnswer,
  waitAtMost,
  withDeadline,
} from './async';

const LONG_MS = 60_000;

describe('a bulkhead', () => {
  it('admits at most as many calls at a time as it has slots, and every call in the end', async () => {
    const bulkhead = new Bulkhead({ inAll: 3 });
    let inside = 0;
    let most = 0;
    const visit = async () => {
      const leave = await bulkhead.enter('', LONG_MS);
      most = Math.max(most, ++inside);
      await sleep(1);
      inside--;
      leave?.();
    };
    await Promise.all(Array.from({ length: 50 }, visit));
    expect([most, inside, bulkhead.callers]).toEqual([3, 0, 0]);
  });

  it('admits one caller’s calls in order of arrival', async () => {
    const bulkhead = new Bulkhead({ inAll: 1 });
    const leave = await bulkhead.enter('', LONG_MS);
    const order: number[] = [];
    const waiting = [1, 2, 3].map(async (n) => {
      const leaveToo = await bulkhead.enter('', LONG_MS);
      order.push(n);
      leaveToo?.();
    });
    leave?.();
    await Promise.all(waiting);
    expect(order).toEqual([1, 2, 3]);
  });

  it('gives up after the wait, and loses no slot to a call that gave up', async () => {
    const bulkhead = new Bulkhead({ inAll: 1 });
    const leave = await bulkhead.enter('', LONG_MS);
    expect(await bulkhead.enter('', 5)).toBeUndefined();
    leave?.();
    expect(bulkhead.callers).toBe(0);
    expect(await bulkhead.enter('', 0)).toBeDefined();
  });

  it('frees one slot per release, however often the release function is called', async () => {
    const bulkhead = new Bulkhead({ inAll: 1 });
    const leave = await bulkhead.enter('', LONG_MS);
    leave?.();
    leave?.();
    expect(await bulkhead.enter('', 0)).toBeDefined();
    expect(await bulkhead.enter('', 0)).toBeUndefined();
  });

  it('keeps a slot for others while one caller uses all of its own', async () => {
    const bulkhead = new Bulkhead({ inAll: 3, each: 2, waiting: 5 });
    const first = [await bulkhead.enter('a', LONG_MS), await bulkhead.enter('a', LONG_MS)];
    expect(await bulkhead.enter('a', 0)).toBeUndefined();
    const other = await bulkhead.enter('b', 0);
    expect(other).toBeDefined();
    expect(await bulkhead.enter('c', 0)).toBeUndefined();
    other?.();
    expect(await bulkhead.enter('c', 0)).toBeDefined();
    first[0]?.();
    expect(await bulkhead.enter('a', 0)).toBeDefined();
  });

  it('rejects a call immediately once too many of its caller wait, and still admits those', async () => {
    const bulkhead = new Bulkhead({ inAll: 2, each: 1, waiting: 2 });
    const leave = await bulkhead.enter('a', LONG_MS);
    const waiting = [bulkhead.enter('a', LONG_MS), bulkhead.enter('a', LONG_MS)];
    // The wait would outlast the test's timeout, so the test passes only if the rejection is immediate.
    expect(await bulkhead.enter('a', LONG_MS)).toBeUndefined();
    leave?.();
    const next = await waiting[0];
    next?.();
    expect(await waiting[1]).toBeDefined();
  });

  it('loses no slot to a caller that gave up, whichever slot it waited for', async () => {
    const bulkhead = new Bulkhead({ inAll: 1, each: 1, waiting: 1 });
    const leave = await bulkhead.enter('a', LONG_MS);
    expect(await bulkhead.enter('a', 1)).toBeUndefined();
    expect(await bulkhead.enter('b', 1)).toBeUndefined();
    leave?.();
    for (const of of ['b', 'a', 'b']) {
      const next = await bulkhead.enter(of, 0);
      expect(next).toBeDefined();
      next?.();
    }
  });

  it('grants a second slot only while enough others are free, and a first one whenever any is free', async () => {
    const bulkhead = new Bulkhead({ inAll: 4, each: 2, waiting: 5, spare: 2 });
    const first = [await bulkhead.enter('a', LONG_MS), await bulkhead.enter('a', LONG_MS)];
    expect(await bulkhead.enter('b', 0)).toBeDefined();
    const waiting = bulkhead.enter('b', LONG_MS);
    expect(await bulkhead.enter('b', 0)).toBeUndefined();
    const third = await bulkhead.enter('c', 0);
    expect(third).toBeDefined();
    third?.();
    for (const leave of first) leave?.();
    expect(await waiting).toBeDefined();
  });

  it('gives a waiting caller its own freed slot, although it could not get a second one', async () => {
    const bulkhead = new Bulkhead({ inAll: 2, each: 2, waiting: 5, spare: 2 });
    const leave = await bulkhead.enter('a', LONG_MS);
    const waiting = bulkhead.enter('a', LONG_MS);
    leave?.();
    expect(await waiting).toBeDefined();
  });

  it('gives a free slot to the caller that has gone without for longest, not to the longest queue', async () => {
    const bulkhead = new Bulkhead({ inAll: 2, each: 1, waiting: 5 });
    const leaves = { a: await bulkhead.enter('a', LONG_MS), b: await bulkhead.enter('b', LONG_MS) };
    const granted: string[] = [];
    const queue = ['a', 'a', 'b', 'b', 'c', 'd'].map((of) =>
      bulkhead.enter(of, LONG_MS).then((leave) => {
        granted.push(of);
        return leave;
      }),
    );
    leaves.b?.();
    (await queue[4])?.();
    (await queue[5])?.();
    (await queue[2])?.();
    (await queue[3])?.();
    expect(granted).toEqual(['c', 'd', 'b', 'b']);
    leaves.a?.();
    await queue[0];
    expect(granted).toEqual(['c', 'd', 'b', 'b', 'a']);
  });
});

describe('a circuit', () => {
  let now = 0;
  let changes: boolean[] = [];
  let circuit: Circuit;

  beforeEach(() => {
    now = 0;
    changes = [];
    circuit = new Circuit(
      { failures: 3, pauseMs: 1000 },
      () => now,
      (open) => changes.push(open),
    );
  });

  const fail = (times: number) => {
    for (let n = 0; n < times; n++) circuit.failed();
  };

  it('opens only after several failures in a row', () => {
    fail(2);
    circuit.succeeded();
    fail(2);
    expect([circuit.waitMs(), changes]).toEqual([0, []]);
    fail(1);
    expect([circuit.waitMs(), changes]).toEqual([1000, [true]]);
  });

  it('lets a single call through after the pause', () => {
    fail(3);
    now = 999;
    expect(circuit.waitMs()).toBe(1);
    now = 1000;
    expect(circuit.waitMs()).toBe(0);
    circuit.enter();
    expect(circuit.waitMs()).toBeGreaterThan(0);
  });

  it('closes when the call after the pause succeeds', () => {
    fail(3);
    now = 1000;
    circuit.enter();
    circuit.succeeded();
    fail(2);
    expect([circuit.waitMs(), changes]).toEqual([0, [true, false]]);
  });

  it('pauses again when the call after the pause fails, and reports the outage once', () => {
    fail(3);
    now = 1000;
    circuit.enter();
    fail(1);
    expect([circuit.waitMs(), changes]).toEqual([1000, [true]]);
    now = 2000;
    expect(circuit.waitMs()).toBe(0);
  });
});

describe('a shared answer', () => {
  const TIMES = { freshMs: 1000, retryMs: 500, patienceMs: 2000 };

  let clock = 0;
  const stopClock = () => vi.spyOn(performance, 'now').mockImplementation(() => clock);
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  /** Leaves each question pending until the test settles it. */
  function questions() {
    const asked: { resolve: (value: string) => void; reject: (error: Error) => void }[] = [];
    const ask = () => new Promise<string>((resolve, reject) => asked.push({ resolve, reject }));
    return { asked, read: sharedAnswer(ask, TIMES) };
  }

  it('asks once for any number of callers, and again only when the answer is old', async () => {
    stopClock();
    const { asked, read } = questions();
    const callers = Array.from({ length: 50 }, read);
    asked[0]?.resolve('first');
    expect(new Set(await Promise.all(callers))).toEqual(new Set(['first']));
    clock += 999;
    expect(await read()).toBe('first');
    expect(asked).toHaveLength(1);
  });

  it('returns the last answer while it asks again, and after a failure', async () => {
    stopClock();
    const { asked, read } = questions();
    const first = read();
    asked[0]?.resolve('first');
    await first;
    clock += 1000;
    expect(await Promise.all([read(), read()])).toEqual(['first', 'first']);
    expect(asked).toHaveLength(2);
    asked[1]?.reject(new Error('down'));
    await expect.poll(read).toBe('first');
    clock += 499;
    await read();
    expect(asked).toHaveLength(2);
    clock += 1;
    await read();
    expect(asked).toHaveLength(3);
    asked[2]?.resolve('third');
    await expect.poll(read).toBe('third');
  });

  it('throws the failure while there is no answer, without asking again for each caller', async () => {
    stopClock();
    const { asked, read } = questions();
    const callers = [read(), read()];
    asked[0]?.reject(new Error('down'));
    await expect(callers[0]).rejects.toThrow('down');
    await expect(callers[1]).rejects.toThrow('down');
    await expect(read()).rejects.toThrow('down');
    expect(asked).toHaveLength(1);
  });

  it('abandons a question that never settles, and asks again for later callers', async () => {
    vi.useFakeTimers();
    const { asked, read } = questions();
    const waiting = [expect(read()).rejects.toThrow('2000 ms'), expect(read()).rejects.toThrow('2000 ms')];
    await vi.advanceTimersByTimeAsync(TIMES.patienceMs);
    await Promise.all(waiting);
    await expect(read()).rejects.toThrow('2000 ms');
    expect(asked).toHaveLength(1);

    await vi.advanceTimersByTimeAsync(TIMES.retryMs);
    const second = read();
    expect(asked).toHaveLength(2);
    asked[1]?.resolve('second');
    expect(await second).toBe('second');

    // The next question hangs too. Meanwhile, callers get the last answer, but after a while the question is asked
    // again.
    await vi.advanceTimersByTimeAsync(TIMES.freshMs);
    expect(await read()).toBe('second');
    expect(asked).toHaveLength(3);
    await vi.advanceTimersByTimeAsync(TIMES.patienceMs);
    // Fake timers do not turn the event loop, but a deadline waits for two turns, so provide them here.
    for (let turn = 0; turn < 3; turn++) await setImmediate();
    await vi.advanceTimersByTimeAsync(TIMES.retryMs);
    expect(await read()).toBe('second');
    expect(asked).toHaveLength(4);
    asked[3]?.resolve('fourth');
    await vi.advanceTimersByTimeAsync(0);
    expect(await read()).toBe('fourth');

    // An answer that arrives after its deadline is older than the current one, so it must not replace the current one.
    asked[2]?.resolve('third');
    await vi.advanceTimersByTimeAsync(0);
    expect(await read()).toBe('fourth');
  });
});

describe('a shared answer that callers await', () => {
  it('never returns an answer older than its renewal, and hides the last one after a failure', async () => {
    let clock = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => clock);
    const asked: { resolve: (value: string) => void; reject: (error: Error) => void }[] = [];
    const ask = () => new Promise<string>((resolve, reject) => asked.push({ resolve, reject }));
    const read = sharedAnswer(ask, { freshMs: 1000, retryMs: 0, patienceMs: LONG_MS, awaitsRenewal: true });
    const first = read();
    asked[0]?.resolve('first');
    expect(await first).toBe('first');
    expect(await read()).toBe('first');
    clock += 1000;
    const second = [read(), read()];
    asked[1]?.resolve('second');
    expect(await Promise.all(second)).toEqual(['second', 'second']);
    clock += 1000;
    const third = read();
    asked[2]?.reject(new Error('down'));
    await expect(third).rejects.toThrow('down');
    const fourth = read();
    asked[3]?.resolve('fourth');
    expect(await fourth).toBe('fourth');
    vi.restoreAllMocks();
  });
});

describe('a deadline', () => {
  const never = new Promise<string>(() => {});

  it('returns the value or throws the error of work that ends in time', async () => {
    expect(await withDeadline(Promise.resolve('value'), LONG_MS, 'the work')).toBe('value');
    expect(await waitAtMost(Promise.resolve('value'), LONG_MS)).toBe('value');
    await expect(withDeadline(Promise.reject(new Error('down')), LONG_MS, 'the work')).rejects.toThrow(
      'down',
    );
    await expect(waitAtMost(Promise.reject(new Error('down')), LONG_MS)).rejects.toThrow('down');
  });

  it('ends the wait for work that does not end, with an error or without a value', async () => {
    await expect(withDeadline(never, 1, 'the work')).rejects.toThrow(
      new DeadlinePassed('the work did not answer within 1 ms'),
    );
    expect(await waitAtMost(never, 1)).toBeUndefined();
  });
});

describe('one per process', () => {
  it('creates a value once for all modules that name it, and again after it was forgotten', () => {
    let created = 0;
    const first = onePerProcess('a test', () => ++created);
    const second = onePerProcess('a test', () => ++created);
    expect([first(), second(), first()]).toEqual([1, 1, 1]);
    expect(second.forget()).toBe(1);
    expect(second.forget()).toBeUndefined();
    expect([first(), second()]).toEqual([2, 2]);
    first.forget();
  });
});
