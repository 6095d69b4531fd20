import { randomBytes } from 'node:crypto';

/** The prefix of every generated secret that has no format of GitHub's or ours. */
export const LOCAL_SECRET_PREFIX = 'local-secret-';

/**
 * 256 bits, new at every start and never in a file; `local/remains/secret-forms.ts` knows it when it turns up
 * somewhere.
 */
export function localSecret(): string {
  return `${LOCAL_SECRET_PREFIX}${randomBytes(32).toString('base64url')}`;
}
