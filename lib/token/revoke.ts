import { endToken } from '../github/end-token';
import type { InstallationToken } from '../github/installation-token';
import { log } from '../observability/log';

/**
 * Revokes a token that was minted and will not leave this process. If GitHub does not answer, the token ends unseen
 * with its hour: nobody has it. The log has its hash, as GitHub's has.
 *
 * @returns whether GitHub has said that it revoked it
 */
export async function revokeUnreleased(
  { token, hashedToken }: Pick<InstallationToken, 'token' | 'hashedToken'>,
  why: string,
): Promise<boolean> {
  try {
    const outcome = await endToken(token, true);
    log.warn({ why, outcome, hashedToken }, 'a token was revoked before release');
    return outcome === 'revoked';
  } catch (error) {
    log.error({ err: error, why, hashedToken }, 'a token that was not released could not be revoked');
    return false;
  }
}
