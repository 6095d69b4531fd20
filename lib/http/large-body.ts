import { Problem } from '../problem';
import { Semaphore } from '../semaphore';
import { readBytes } from './read-body';

/** Bytes. What GitHub sends is nearly always smaller. */
const LARGE = 1024 * 1024;
/** Large bodies at once: each takes several times its size while its signature is checked. */
export const PLACES = 4;
/** The longest wait for a place, in milliseconds. GitHub itself waits ten seconds for an answer. */
const PATIENCE_MS = 5000;

const places = new Semaphore(PLACES);

/**
 * Reads a body that may be large and works on it; few at once, so that a flood of them neither fills the memory nor
 * blocks everybody else. The others wait, in the order in which they came. What turns out to be small never does,
 * whatever its `Content-Length` says or leaves out.
 *
 * @throws {Problem} `internal` when no place became free, `payload_too_large`; or what `work` throws
 */
export async function withLargeBody<T>(
  request: Request,
  maxBytes: number,
  work: (body: Buffer) => Promise<T>,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  let leave: (() => void) | undefined;
  const enter = async () => {
    leave = await places.acquire(patienceMs);
    if (leave === undefined)
      throw new Problem('internal', 'Too many large bodies at once. Send it again shortly.', {
        retryAfterSeconds: 5,
      });
  };
  try {
    return await work(await readBytes(request, maxBytes, { bytes: LARGE, enter }));
  } finally {
    leave?.();
  }
}
