import { getConfig } from '../config';
import { createAppJwtSource } from './app';
import { callGitHub } from './client';
import { GitHubError } from './errors';
import type { SignJwt } from './signers';

/**
 * Checks whether GitHub accepts the App JWT of one key, whichever key the app uses otherwise.
 *
 * @throws {GitHubError} for every failure that is not about this key; the signer's error
 */
export async function isKeyAccepted(sign: SignJwt): Promise<boolean> {
  const { clientId, appId } = getConfig().github;
  for (const issuer of [clientId, appId]) {
    const jwt = await createAppJwtSource([issuer], [sign]).get();
    try {
      await callGitHub({ as: 'user', token: jwt }, 'GET /app', {}, { asksIfExists: true });
      return true;
    } catch (error) {
      if (!(error instanceof GitHubError)) throw error;
      if (error.reason === 'app_key_refused') return false;
      if (error.reason !== 'app_unknown' && error.reason !== 'app_credentials_refused') throw error;
    }
  }
  return false;
}
