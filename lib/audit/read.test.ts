import { expect, it } from 'vitest';
import { SLICE_ITEMS } from '../turns';
import { whileAllowed } from './read';

/** Yields slices of the maximum size. */
async function* numbers(count: number): AsyncGenerator<Iterable<number>> {
  for (let n = 1; n <= count; n += SLICE_ITEMS)
    yield Array.from({ length: Math.min(SLICE_ITEMS, count - n + 1) }, (_, index) => n + index);
}

/** Reads items until `stillAllowed` throws, which happens on its `n`th call and later. */
async function readUntil(count: number, n: number): Promise<{ seen: number; error: unknown }> {
  let seen = 0;
  let checks = 0;
  const stillAllowed = async () => {
    if (++checks >= n) throw new Error('no longer');
  };
  try {
    for await (const slice of whileAllowed(numbers(count), stillAllowed))
      for (const item of slice) seen = item;
    return { seen, error: null };
  } catch (error) {
    return { seen, error };
  }
}

it('passes on at most one batch after the reader loses access', async () => {
  const { seen, error } = await readUntil(1_000_000, 1);
  expect(error).toEqual(new Error('no longer'));
  expect(seen).toBeLessThanOrEqual(1000);
});

it('fails instead of completing if the reader loses access during the last batch', async () => {
  expect(await readUntil(3, 1)).toEqual({ seen: 3, error: new Error('no longer') });
  expect(await readUntil(0, 1)).toEqual({ seen: 0, error: new Error('no longer') });
});

it('passes everything on to a reader who keeps access', async () => {
  expect(await readUntil(5000, Number.POSITIVE_INFINITY)).toEqual({ seen: 5000, error: null });
});

it('closes its source when its reader stops early', async () => {
  let released = false;
  async function* source(): AsyncGenerator<Iterable<number>> {
    try {
      yield* numbers(10);
    } finally {
      released = true;
    }
  }
  for await (const _ of whileAllowed(source(), async () => {})) break;
  expect(released).toBe(true);
});
