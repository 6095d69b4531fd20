import { setTimeout as sleep } from 'node:timers/promises';
import { GitHubError } from './error';
import { revokeInstallationToken } from './installation-token';

/** Milliseconds before each further attempt while GitHub does not know a fresh token everywhere yet. */
const AGAIN_AFTER_MS = [200, 400, 800, 1600] as const;

const NOT_KNOWN_YET: ReadonlySet<string> = new Set(['unauthorized', 'forbidden', 'not_found']);

/** Only GitHub's own words mean that the token is over: a proxy's 401 says nothing about it. */
const isOver = (error: GitHubError) => error.reason === 'token_refused';

/**
 * Ends a token before its hour is over.
 *
 * @param isFresh minted seconds ago: a 401 may then mean that it is not known everywhere yet, and is not believed at
 *   once, because the token would live on
 * @returns `was_over`: GitHub does not accept it any more
 * @throws {GitHubError}
 */
export async function endToken(token: string, isFresh: boolean): Promise<'revoked' | 'was_over'> {
  const waits = isFresh ? [...AGAIN_AFTER_MS] : [];
  for (;;) {
    try {
      await revokeInstallationToken(token);
      return 'revoked';
    } catch (error) {
      if (!(error instanceof GitHubError && NOT_KNOWN_YET.has(error.kind))) throw error;
      const wait = waits.shift();
      if (wait !== undefined) await sleep(wait);
      else if (isOver(error)) return 'was_over';
      else throw error;
    }
  }
}
