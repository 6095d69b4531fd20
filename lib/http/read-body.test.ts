import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SLOTS, withLargeBody } from './large-body';
import { READ_PATIENCE_MS, readBytes } from './read-body';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const MAX = 25 * 1024 * 1024;

/** A body whose beginning comes, and whose end does not. */
function stalled(size: number) {
  const state = { cancelled: false };
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new Uint8Array(size)),
    cancel: () => {
      state.cancelled = true;
    },
  });
  // Node asks for `duplex`, of which its types do not know.
  const init = { method: 'POST', body, duplex: 'half' };
  return { state, request: new Request('http://localhost/', init) };
}

describe('a body that does not end', () => {
  it('is waited for no longer than ten seconds, and not read on', async () => {
    const { state, request } = stalled(100);
    const refused = expect(readBytes(request, MAX)).rejects.toMatchObject({ code: 'invalid_request' });
    await vi.advanceTimersByTimeAsync(READ_PATIENCE_MS - 1);
    expect(state.cancelled).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await refused;
    expect(state.cancelled).toBe(true);
  });

  it('gives its slot among the large ones to the next', async () => {
    const holders = Array.from({ length: SLOTS }, async (_, n) =>
      expect(
        withLargeBody(stalled(2_000_000).request, { maxBytes: MAX, client: `client ${n}` }, async () => {}),
      ).rejects.toMatchObject({
        code: 'invalid_request',
      }),
    );
    await vi.advanceTimersByTimeAsync(READ_PATIENCE_MS);
    await Promise.all(holders);
    const whole = new Request('http://localhost/', { method: 'POST', body: Buffer.alloc(2_000_000) });
    expect(await withLargeBody(whole, { maxBytes: MAX, client: 'a' }, async ({ length }) => length)).toBe(
      2_000_000,
    );
  });
});

it('one that came in time leaves no timer behind', async () => {
  const request = new Request('http://localhost/', { method: 'POST', body: 'x' });
  expect(String(await readBytes(request, MAX))).toBe('x');
  expect(vi.getTimerCount()).toBe(0);
});
