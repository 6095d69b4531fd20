/** Throws once the caller may no longer do what they began. */
export type StillAllowed = () => Promise<void>;

const EVERY_ITEMS = 1000;
const EVERY_MS = 2000;

/**
 * Passes items on while their reader may have them. The role is checked per batch and every two seconds, because a
 * slow reader takes minutes over one batch, and once more at the end: what is complete is for somebody who is allowed.
 *
 * @throws what `stillAllowed` throws
 */
export async function* whileAllowed<T>(
  items: AsyncIterable<T>,
  stillAllowed: StillAllowed,
): AsyncGenerator<T> {
  let passed = 0;
  let checkedAt = performance.now();
  for await (const item of items) {
    if (passed >= EVERY_ITEMS || performance.now() - checkedAt >= EVERY_MS) {
      await stillAllowed();
      passed = 0;
      checkedAt = performance.now();
    }
    passed++;
    yield item;
  }
  await stillAllowed();
}
