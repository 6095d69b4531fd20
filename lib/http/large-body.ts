import { Problem } from '../problem';
import { readBytes } from './read-body';

/** Bytes. What GitHub sends is nearly always smaller. */
const LARGE = 1024 * 1024;
/** Large bodies at once: each takes several times its size while its signature is checked. */
const PLACES = 4;

let taken = 0;

/**
 * Reads a body that may be large and works on it; few at once, so that a flood of them neither fills the memory nor
 * blocks everybody else. A body that does not say its length counts as large.
 *
 * @throws {Problem} `rate_limited` when all places are taken, `payload_too_large`; or what `work` throws
 */
export async function withLargeBody<T>(
  request: Request,
  maxBytes: number,
  work: (body: Buffer) => Promise<T>,
): Promise<T> {
  const length = Number(request.headers.get('content-length') ?? Number.NaN);
  if (length <= LARGE) return work(await readBytes(request, LARGE));
  if (taken >= PLACES)
    throw new Problem('rate_limited', 'Too many large bodies at once. Try again shortly.', {
      retryAfterSeconds: 5,
    });
  taken++;
  try {
    return await work(await readBytes(request, maxBytes));
  } finally {
    taken--;
  }
}
