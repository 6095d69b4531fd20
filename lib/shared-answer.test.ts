import { afterEach, expect, it, vi } from 'vitest';
import { sharedAnswer } from './shared-answer';

const TIMES = { freshMs: 1000, retryMs: 500, patienceMs: 2000 };

let clock = 0;
const useClock = () => vi.spyOn(performance, 'now').mockImplementation(() => clock);
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** Answers with what the test says, when it says so. */
function questions() {
  const asked: { resolve: (value: string) => void; reject: (error: Error) => void }[] = [];
  const ask = () => new Promise<string>((resolve, reject) => asked.push({ resolve, reject }));
  return { asked, read: sharedAnswer(ask, TIMES) };
}

it('asks once for however many callers, and again only when the answer is old', async () => {
  useClock();
  const { asked, read } = questions();
  const callers = Array.from({ length: 50 }, read);
  asked[0]?.resolve('first');
  expect(new Set(await Promise.all(callers))).toEqual(new Set(['first']));
  clock += 999;
  expect(await read()).toBe('first');
  expect(asked).toHaveLength(1);
});

it('gives the last answer while it asks again, and after a failure', async () => {
  useClock();
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

it('throws the failure while there never was an answer, without asking for each caller', async () => {
  useClock();
  const { asked, read } = questions();
  const callers = [read(), read()];
  asked[0]?.reject(new Error('down'));
  await expect(callers[0]).rejects.toThrow('down');
  await expect(callers[1]).rejects.toThrow('down');
  await expect(read()).rejects.toThrow('down');
  expect(asked).toHaveLength(1);
});

it('gives an ask up that never settles, and asks again for those who come later', async () => {
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

  // The next one hangs as well: readers get the last answer meanwhile, and not for ever.
  await vi.advanceTimersByTimeAsync(TIMES.freshMs);
  expect(await read()).toBe('second');
  expect(asked).toHaveLength(3);
  await vi.advanceTimersByTimeAsync(TIMES.patienceMs + TIMES.retryMs);
  expect(await read()).toBe('second');
  expect(asked).toHaveLength(4);
  asked[3]?.resolve('fourth');
  await vi.advanceTimersByTimeAsync(0);
  expect(await read()).toBe('fourth');

  // Older than what is known by now.
  asked[2]?.resolve('third');
  await vi.advanceTimersByTimeAsync(0);
  expect(await read()).toBe('fourth');
});
