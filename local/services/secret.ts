import { randomBytes } from 'node:crypto';

/** The prefix of every generated secret that has no format of GitHub's or ours. */
export const LOCAL_SECRET_PREFIX = 'local-secret-';

/**
 * 256 random bits, generated at every start and never written to a file. `local/remains/secret-forms.ts` recognizes the
 * secret wherever it turns up.
 */
export function localSecret(): string {
  return `${LOCAL_SECRET_PREFIX}${randomBytes(32).toString('base64url')}`;
}
