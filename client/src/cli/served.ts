import { setTimeout as sleep } from 'node:timers/promises';
import { proxiedFetch } from '../proxied-fetch.js';

/**
 * The waits between attempts. GitHub's git may reject a new token for some seconds after its API accepts it, mostly
 * with 404.
 */
const WAITS_MS = [250, 500, 1_000, 2_000, 3_000, 4_000, 5_000];
const TIMEOUT_MS = 5_000;

/** How GitHub's git rejects a token that has not reached it yet, or that is not for this repository. */
const REJECTED = new Set([401, 403, 404]);

/**
 * Waits until GitHub serves a repository's git to this token. Gives up after about 15 seconds, and after any other
 * fault, because git then reports the fault itself. Nothing but the clone URL's own host receives the token.
 */
export async function waitUntilServed(
  cloneUrl: string,
  token: string,
  waits: readonly number[] = WAITS_MS,
): Promise<void> {
  for (const wait of waits) {
    if (!(await isRejected(cloneUrl, token))) return;
    await sleep(wait);
  }
}

async function isRejected(cloneUrl: string, token: string): Promise<boolean> {
  try {
    const response = await proxiedFetch(`${cloneUrl}/info/refs?service=git-upload-pack`, {
      headers: {
        authorization: `Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`,
        'user-agent': 'git/pulsestream',
      },
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.body?.cancel();
    return REJECTED.has(response.status);
  } catch {
    return false;
  }
}
