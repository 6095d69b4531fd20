import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../clock';
import { hashToken } from '../tokens';

/**
 * An authorization code expires after ten minutes.
 * https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app
 */
const LIFETIME_MS = 600_000;

export interface PendingCode {
  readonly userId: number;
  readonly redirectUri: string;
  /** The S256 challenge, or null if the client does not use PKCE. */
  readonly codeChallenge: string | null;
  readonly expiresAt: number;
}

/** Issues random authorization codes. A code works once, within ten minutes. Only its hash is stored. */
export class OAuthCodes {
  readonly #codes = new Map<string, PendingCode>();

  constructor(private readonly clock: Clock) {}

  issue(given: Omit<PendingCode, 'expiresAt'>): string {
    const code = randomBytes(10).toString('hex');
    this.#codes.set(hashToken(code), { ...given, expiresAt: this.clock.now() + LIFETIME_MS });
    return code;
  }

  /** Consumes the code, so it can't be used again even if the exchange fails afterwards. */
  spend(code: string): PendingCode | null {
    const hash = hashToken(code);
    const pending = this.#codes.get(hash);
    this.#codes.delete(hash);
    return pending && pending.expiresAt > this.clock.now() ? pending : null;
  }
}

/** Returns the S256 challenge of a PKCE verifier (RFC 7636). */
export function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}
