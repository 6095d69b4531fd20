import { describe, expect, it } from 'vitest';
import { BYTES_IN_FLIGHT, BYTES_OF_CLIENT, SLOTS, SLOTS_OF_CLIENT, withLargeBody } from './signed-body';

const MAX = { maxBytes: 25 * 1024 * 1024, client: 'a' };
const post = (size: number, headers: Record<string, string> = { 'content-length': String(size) }) =>
  new Request('http://localhost/', { method: 'POST', headers, body: Buffer.alloc(size) });

/** Passes a body to work that keeps its slot until `letGo` is called. */
function hold(request: Request, client = 'a') {
  let letGo = () => {};
  let begin = () => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const done = withLargeBody(request, { ...MAX, client }, () => {
    begin();
    return held;
  });
  return { begun, done, letGo };
}

async function holdAllSlots() {
  const holders = Array.from({ length: SLOTS }, (_, n) => hold(post(2_000_000), `client ${n}`));
  await Promise.all(holders.map(({ begun }) => begun));
  return async () => {
    for (const { letGo } of holders) letGo();
    await Promise.all(holders.map(({ done }) => done));
  };
}

const length = async (body: Buffer) => body.length;

it('limits concurrent large bodies, and lets small ones overtake those that wait, with or without a length', async () => {
  const letAllGo = await holdAllSlots();
  const next = withLargeBody(post(2_000_000), MAX, length);
  await expect(withLargeBody(post(1000), MAX, length)).resolves.toBe(1000);
  await expect(withLargeBody(post(1000, {}), MAX, length)).resolves.toBe(1000);
  await letAllGo();
  await expect(next).resolves.toBe(2_000_000);
});

it('answers `overloaded` when no slot becomes free in time', async () => {
  const letAllGo = await holdAllSlots();
  await expect(withLargeBody(post(2_000_000), MAX, length, 10)).rejects.toMatchObject({
    code: 'overloaded',
    status: 503,
    retryAfterSeconds: 5,
  });
  await letAllGo();
  await expect(withLargeBody(post(2_000_000), MAX, length, 10)).resolves.toBe(2_000_000);
});

it('leaves slots for other clients while one client sends large bodies that never end', async () => {
  const holders = Array.from({ length: SLOTS_OF_CLIENT }, () => hold(post(2_000_000), 'flood'));
  await Promise.all(holders.map(({ begun }) => begun));
  const more = Array.from({ length: SLOTS }, () =>
    withLargeBody(post(2_000_000), { ...MAX, client: 'flood' }, length, 10).catch((error) => error.code),
  );
  await expect(withLargeBody(post(2_000_000), { ...MAX, client: 'github' }, length, 10)).resolves.toBe(
    2_000_000,
  );
  expect(new Set(await Promise.all(more))).toEqual(new Set(['overloaded']));
  for (const { letGo } of holders) letGo();
  await Promise.all(holders.map(({ done }) => done));
});

it('releases the slot when the body is too large or the work fails', async () => {
  for (let n = 0; n < 10; n++) {
    await expect(
      withLargeBody(post(2_000_000, {}), { ...MAX, maxBytes: 1_500_000 }, length, 10),
    ).rejects.toMatchObject({
      code: 'payload_too_large',
    });
    const work = async () => {
      throw new Error('failed');
    };
    await expect(withLargeBody(post(2_000_000), MAX, work, 10)).rejects.toThrow('failed');
  }
});

it('makes a large body wait for a slot even if its Content-Length is smaller', async () => {
  const letAllGo = await holdAllSlots();
  const liar = post(3_000_000, { 'content-length': '10' });
  await expect(withLargeBody(liar, MAX, length, 10)).rejects.toMatchObject({ code: 'overloaded' });
  await letAllGo();
});

describe('small bodies', () => {
  const SIZE = 1_000_000;
  const holdSmall = async (count: number, clientOf: (n: number) => string) => {
    const holders = Array.from({ length: count }, (_, n) => hold(post(SIZE), clientOf(n)));
    await Promise.all(holders.map(({ begun, done }) => Promise.race([begun, done])));
    return async () => {
      for (const { letGo } of holders) letGo();
      await Promise.all(holders.map(({ done }) => done));
    };
  };
  const sentBy = (client: string, size = SIZE) => withLargeBody(post(size), { ...MAX, client }, length, 10);
  const full = { code: 'overloaded', status: 503, retryAfterSeconds: 5 };

  it('limits the bytes of all small bodies together', async () => {
    const letAllGo = await holdSmall(Math.floor(BYTES_IN_FLIGHT / SIZE), (n) => `client ${n}`);
    await expect(sentBy('another')).rejects.toMatchObject(full);
    await letAllGo();
    await expect(sentBy('another')).resolves.toBe(SIZE);
  });

  it('limits the bytes of small bodies per client, so other clients can still send theirs', async () => {
    const letAllGo = await holdSmall(Math.floor(BYTES_OF_CLIENT / SIZE), () => 'flood');
    await expect(sentBy('flood')).rejects.toMatchObject(full);
    await expect(sentBy('another')).resolves.toBe(SIZE);
    await letAllGo();
    await expect(sentBy('flood')).resolves.toBe(SIZE);
  });

  it('counts small bodies as they arrive, and stops counting a body that becomes large', async () => {
    const holders = Array.from({ length: SLOTS_OF_CLIENT }, () => hold(post(5_000_000), 'flood'));
    await Promise.all(holders.map(({ begun }) => begun));
    await expect(sentBy('flood')).resolves.toBe(SIZE);
    for (const { letGo } of holders) letGo();
    await Promise.all(holders.map(({ done }) => done));
  });

  it('counts small bodies correctly while and after large ones arrive in pieces', async () => {
    const inPieces = () => {
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          for (let n = 0; n < 3; n++) controller.enqueue(new Uint8Array(SIZE));
          controller.close();
        },
      });
      const init: RequestInit & { duplex: 'half' } = { method: 'POST', body, duplex: 'half' };
      return new Request('http://localhost/', init);
    };
    const holders = Array.from({ length: SLOTS }, (_, n) => hold(inPieces(), `large ${n}`));
    await Promise.all(holders.map(({ begun, done }) => Promise.race([begun, done])));
    for (const isBeside of [true, false]) {
      const letAllGo = await holdSmall(Math.floor(BYTES_IN_FLIGHT / SIZE), (n) => `client ${n}`);
      await expect(sentBy('another')).rejects.toMatchObject(full);
      await letAllGo();
      if (!isBeside) break;
      for (const { letGo } of holders) letGo();
      await Promise.all(holders.map(({ done }) => done));
    }
  });
});
