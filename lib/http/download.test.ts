import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { download, OPEN_DOWNLOADS, PATIENCE_MS } from './download';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Creates a file that takes several chunks to send, and records when its source of lines was closed. */
function longFile() {
  const state = { ended: false };
  async function* lines() {
    try {
      for (let n = 0; n < 100; n++) yield 'x'.repeat(70_000);
    } finally {
      state.ended = true;
    }
  }
  return { state, start: async () => lines() };
}

async function cancelInTheMiddle({ body }: Response): Promise<void> {
  const reader = body?.getReader();
  await reader?.read();
  await reader?.cancel();
}

let next = 0;
const open = (start: () => Promise<AsyncIterable<string>>, of: string, init: RequestInit = {}) =>
  download({
    request: new Request('http://localhost/', init),
    of,
    start,
    contentType: 'text/plain',
    filename: 'x.txt',
  });
const openLong = (of: string) => open(longFile().start, of);

it('ends a download that nobody reads for a minute, and truncates its file visibly', async () => {
  const { state, start } = longFile();
  const response = await open(start, `w${next++}`);
  await vi.advanceTimersByTimeAsync(PATIENCE_MS - 1);
  expect(state.ended).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(state.ended).toBe(true);
  await expect(response.text()).rejects.toThrow('nobody');
});

it('releases the slot when the client leaves before reading anything', async () => {
  const of = `w${next++}`;
  for (let n = 0; n < 3 * OPEN_DOWNLOADS; n++) {
    const { state, start } = longFile();
    const gone = new AbortController();
    await open(start, of, { signal: gone.signal });
    gone.abort();
    await expect.poll(() => state.ended).toBe(true);
  }
  // In this case, the client has disconnected before the stream starts, so nothing is ever read.
  for (let n = 0; n < 3 * OPEN_DOWNLOADS; n++)
    await open(longFile().start, of, { signal: AbortSignal.abort() });
});

it('starts no download for HEAD, which needs only the headers', async () => {
  const start = vi.fn(longFile().start);
  const response = await open(start, `w${next++}`, { method: 'HEAD' });
  expect(response.headers.get('content-disposition')).toBe('attachment; filename="x.txt"');
  expect(start).not.toHaveBeenCalled();
});

it('sends a slowly read download completely', async () => {
  const { start } = longFile();
  const reader = (await open(start, `w${next++}`)).body?.getReader();
  let size = 0;
  for (;;) {
    const part = await reader?.read();
    if (part?.value === undefined) break;
    size += part.value.byteLength;
    await vi.advanceTimersByTimeAsync(PATIENCE_MS - 1);
  }
  expect(size).toBe(7_000_000);
});

it.each<[string, (response: Response) => Promise<unknown>]>([
  ['has been read', (response) => response.text()],
  ['was cancelled', async (response) => response.body?.cancel()],
  ['was cancelled in the middle', cancelInTheMiddle],
  ['was never read', () => vi.advanceTimersByTimeAsync(PATIENCE_MS)],
])('limits concurrent downloads per workspace, and allows another after one that %s', async (_, end) => {
  const of = `w${next++}`;
  const responses = [];
  for (let n = 0; n < OPEN_DOWNLOADS; n++) responses.push(await openLong(of));
  await expect(openLong(of)).rejects.toMatchObject({ code: 'rate_limited' });
  await (await openLong(`w${next++}`)).body?.cancel();
  for (const response of responses) await end(response);
  for (let n = 0; n < OPEN_DOWNLOADS; n++) await openLong(of);
  await expect(openLong(of)).rejects.toMatchObject({ code: 'rate_limited' });
});

it('releases the slot of a download that fails at its start or later', async () => {
  const of = `w${next++}`;
  async function* broken() {
    yield 'x'.repeat(70_000);
    throw new Error('broken');
  }
  for (let n = 0; n <= OPEN_DOWNLOADS; n++) {
    await expect(open(() => Promise.reject(new Error('not started')), of)).rejects.toThrow('not started');
    const response = await open(async () => broken(), of);
    await expect(response.text()).rejects.toThrow('broken');
  }
});
