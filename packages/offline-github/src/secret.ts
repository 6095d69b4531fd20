import { randomBytes } from 'node:crypto';

/** Begins every secret that this GitHub invents and that has no form of GitHub's own. */
export const OFFLINE_SECRET_PREFIX = 'offline-github-secret-';

/** Returns 256 random bits. A search for leaked secrets recognises them by their prefix. */
export function offlineSecret(): string {
  return `${OFFLINE_SECRET_PREFIX}${randomBytes(32).toString('base64url')}`;
}
