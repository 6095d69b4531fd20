import { endToken } from '../github/end-token';
import { log } from '../observability/log';

/**
 * Revokes a token that was minted and will not leave this process. If GitHub does not answer, the token ends unseen
 * with its hour: nobody has it.
 */
export async function revokeUnreleased(token: string, why: string): Promise<void> {
  try {
    await endToken(token, true);
    log.warn({ why }, 'a token was revoked before release');
  } catch (error) {
    log.error({ err: error, why }, 'a token that was not released could not be revoked');
  }
}
