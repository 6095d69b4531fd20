import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { READ_PATIENCE_MS, readBytes } from './request';
import { SLOTS, withLargeBody } from './signed-body';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const MAX = 25 * 1024 * 1024;

/** Creates a request whose body starts to arrive but never ends. */
function stalled(size: number) {
  const state = { cancelled: false };
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new Uint8Array(size)),
    cancel: () => {
      state.cancelled = true;
    },
  });
  // Node requires `duplex` if the body is a stream, but its types lack this property.
  const init = { method: 'POST', body, duplex: 'half' };
  return { state, request: new Request('http://localhost/', init) };
}

describe('a body that does not end', () => {
  it('rejects a body that does not end within ten seconds, and then cancels it', async () => {
    const { state, request } = stalled(100);
    const refused = expect(readBytes(request, MAX)).rejects.toMatchObject({ code: 'invalid_request' });
    await vi.advanceTimersByTimeAsync(READ_PATIENCE_MS - 1);
    expect(state.cancelled).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await refused;
    expect(state.cancelled).toBe(true);
  });

  it('gives a stalled body’s slot to the next large body', async () => {
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

it('reports a client’s disconnect as the client’s fault, and not as an outage of the database', async () => {
  const reset = Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
  const body = new ReadableStream<Uint8Array>({ start: (controller) => controller.error(reset) });
  const request = new Request('http://localhost/', { method: 'POST', body, duplex: 'half' } as RequestInit);
  await expect(readBytes(request, MAX)).rejects.toMatchObject({ code: 'invalid_request', cause: reset });
});

it('leaves no timer behind after a body that arrived in time', async () => {
  const request = new Request('http://localhost/', { method: 'POST', body: 'x' });
  expect(String(await readBytes(request, MAX))).toBe('x');
  expect(vi.getTimerCount()).toBe(0);
});
