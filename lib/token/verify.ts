import { setTimeout as sleep } from 'node:timers/promises';
import { GitHubError } from '../github/error';
import type { InstallationToken } from '../github/installation-token';
import { probeInstallationToken } from '../github/installation-token';
import { Problem } from '../problem';
import { revokeUnreleased } from './revoke';

/**
 * Milliseconds to wait before each probe. Right after a mint GitHub may not know a token everywhere for some
 * seconds; callers that clone at once ask for `verify: true`.
 */
const PROBE_AFTER_MS = [0, 200, 400, 800, 1600, 3000] as const;

/**
 * Returns when GitHub accepts the token, for about 6 s plus the calls themselves.
 *
 * @throws {Problem} `github_unavailable` if it does not by then; the token is revoked
 */
export async function waitUntilAccepted(token: InstallationToken): Promise<void> {
  for (const delay of PROBE_AFTER_MS) {
    await sleep(delay);
    try {
      await probeInstallationToken(token);
      return;
    } catch (error) {
      if (!(error instanceof GitHubError)) throw error;
    }
  }
  await revokeUnreleased(token.token, 'GitHub did not accept it in time');
  throw new Problem(
    'github_unavailable',
    'GitHub did not accept the new token in time; it was revoked. Try again.',
    {
      retryAfterSeconds: 5,
    },
  );
}
