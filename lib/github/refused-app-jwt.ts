import type { AppJwtSource } from './app-jwt';
import { isRequestError } from './error';
import { REFUSED_TIMES } from './recognise';

/** Matches GitHub's answer to an unknown key. */
const REFUSED_SIGNATURE = /JSON web token could not be decoded/i;

/**
 * Matches GitHub's answer to the name of the App. GitHub accepts a client id as issuer since May 2024, older servers
 * only the App id. A client id in other letter case is unknown, too.
 *
 * @see https://github.blog/changelog/2024-05-01-github-apps-can-now-use-the-client-id-to-fetch-installation-tokens/
 */
const REFUSED_ISSUER = /'?issuer'? claim|Integration not found/i;

/** Matches the answers after which `@octokit/auth-app` has corrected the clock and repeated the request already. */
const REPEATED_BY_OCTOKIT =
  /'Expiration time' claim \('exp'\) (is too far in|must be a numeric)|'Issued at' claim \('iat'\) must be an Integer representing/;

/**
 * Changes key, issuer or clock of an App JWT that GitHub rejected. Nothing was done then, so a repeated mint is safe.
 *
 * @param revision of the App JWT before the request
 * @returns whether the request is worth repeating
 */
export function changeRefusedAppJwt(error: unknown, jwt: AppJwtSource, revision: number): boolean {
  if (!isRequestError(error)) return false;
  const { status, message, response } = error;
  const change =
    (status === 401 || status === 404) && REFUSED_ISSUER.test(message)
      ? () => jwt.takeNextIssuer()
      : status === 401 && REFUSED_SIGNATURE.test(message)
        ? () => jwt.takeNextKey()
        : status === 401 && REFUSED_TIMES.test(message) && !REPEATED_BY_OCTOKIT.test(message)
          ? () => jwt.correctClock(response?.headers.date)
          : undefined;
  if (change === undefined) return false;
  return jwt.revision !== revision || change();
}
