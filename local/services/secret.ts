import { randomBytes } from 'node:crypto';

/** The prefix of every generated secret whose format neither GitHub nor this project defines. */
export const LOCAL_SECRET_PREFIX = 'local-secret-';

/**
 * Returns a secret of 256 random bits. It is new at every start and never written to a file.
 * `local/remains/secret-forms.ts` recognizes the secret wherever it turns up.
 */
export function localSecret(): string {
  return `${LOCAL_SECRET_PREFIX}${randomBytes(32).toString('base64url')}`;
}
