import { randomBytes } from 'node:crypto';

/** What every secret that is made up here begins with: GitHub's and ours have a form of their own, these would not. */
export const LOCAL_SECRET_PREFIX = 'local-secret-';

/** 256 bits, new at every start and never in a file; `local/remains/secret-forms.ts` knows it when it turns up somewhere. */
export function localSecret(): string {
  return `${LOCAL_SECRET_PREFIX}${randomBytes(32).toString('base64url')}`;
}
