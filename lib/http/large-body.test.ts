import { expect, it } from 'vitest';
import { PLACES, withLargeBody } from './large-body';

const MAX = 25 * 1024 * 1024;
const post = (size: number, headers: Record<string, string> = { 'content-length': String(size) }) =>
  new Request('http://localhost/', { method: 'POST', headers, body: Buffer.alloc(size) });

/** Holds its place until it is let go. */
function hold(request: Request) {
  let letGo = () => {};
  let begin = () => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const done = withLargeBody(request, MAX, () => {
    begin();
    return held;
  });
  return { begun, done, letGo };
}

async function holdAllPlaces() {
  const holders = Array.from({ length: PLACES }, () => hold(post(2_000_000)));
  await Promise.all(holders.map(({ begun }) => begun));
  return async () => {
    for (const { letGo } of holders) letGo();
    await Promise.all(holders.map(({ done }) => done));
  };
}

const length = async (body: Buffer) => body.length;

it('works on few large bodies at once, the next one waits, and small ones go past, whether they say their length or not', async () => {
  const letAllGo = await holdAllPlaces();
  const next = withLargeBody(post(2_000_000), MAX, length);
  await expect(withLargeBody(post(1000), MAX, length)).resolves.toBe(1000);
  await expect(withLargeBody(post(1000, {}), MAX, length)).resolves.toBe(1000);
  await letAllGo();
  await expect(next).resolves.toBe(2_000_000);
});

it('does not wait for ever: an error of ours, so that it is sent again', async () => {
  const letAllGo = await holdAllPlaces();
  await expect(withLargeBody(post(2_000_000), MAX, length, 10)).rejects.toMatchObject({
    code: 'internal',
    status: 500,
    retryAfterSeconds: 5,
  });
  await letAllGo();
  await expect(withLargeBody(post(2_000_000), MAX, length, 10)).resolves.toBe(2_000_000);
});

it('gives the place back when the body is too large or the work fails', async () => {
  for (let n = 0; n < 10; n++) {
    await expect(withLargeBody(post(2_000_000, {}), 1_500_000, length, 10)).rejects.toMatchObject({
      code: 'payload_too_large',
    });
    const work = async () => {
      throw new Error('failed');
    };
    await expect(withLargeBody(post(2_000_000), MAX, work, 10)).rejects.toThrow('failed');
  }
});

it('is not fooled by a length that is too small: what is large waits for a place', async () => {
  const letAllGo = await holdAllPlaces();
  const liar = post(3_000_000, { 'content-length': '10' });
  await expect(withLargeBody(liar, MAX, length, 10)).rejects.toMatchObject({ code: 'internal' });
  await letAllGo();
});
