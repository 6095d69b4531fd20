import { expect, it } from 'vitest';
import { withLargeBody } from './large-body';

const MAX = 25 * 1024 * 1024;
const post = (size: number, headers: Record<string, string> = { 'content-length': String(size) }) =>
  new Request('http://localhost/', { method: 'POST', headers, body: Buffer.alloc(size) });

/** Holds its place until it is let go. */
function hold(request: Request) {
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  return { done: withLargeBody(request, MAX, () => held), letGo };
}

it('works on few large bodies at once, and on small ones meanwhile', async () => {
  const holders = [2_000_000, 2_000_000, 2_000_000].map((size) => hold(post(size)));
  // Without a length it may be large.
  holders.push(hold(post(10, {})));
  await expect(withLargeBody(post(2_000_000), MAX, async () => 'read')).rejects.toMatchObject({
    code: 'rate_limited',
  });
  await expect(withLargeBody(post(1000), MAX, async (body) => body.length)).resolves.toBe(1000);
  for (const { letGo } of holders) letGo();
  await Promise.all(holders.map(({ done }) => done));
  await expect(withLargeBody(post(2_000_000), MAX, async (body) => body.length)).resolves.toBe(2_000_000);
});

it('gives the place back when the body is too large or the work fails', async () => {
  for (let n = 0; n < 10; n++) {
    await expect(withLargeBody(post(2_000_000), 1_500_000, async () => 'read')).rejects.toMatchObject({
      code: 'payload_too_large',
    });
    await expect(
      withLargeBody(post(2_000_000), MAX, async () => {
        throw new Error('failed');
      }),
    ).rejects.toThrow('failed');
  }
});

it('is not fooled by a length that is too small', async () => {
  const liar = post(3_000_000, { 'content-length': '10' });
  await expect(withLargeBody(liar, MAX, async () => 'read')).rejects.toMatchObject({
    code: 'payload_too_large',
  });
});
