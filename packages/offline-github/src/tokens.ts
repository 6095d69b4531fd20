import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from './clock';
import type { Permissions } from './settings';
import type { RepositorySelection } from './state/types';

export interface InstallationTokenRecord {
  readonly kind: 'installation';
  readonly hash: string;
  readonly installationId: number;
  readonly permissions: Permissions;
  readonly selection: RepositorySelection;
  /** Null covers all repositories of the installation, including later ones. */
  readonly repositoryIds: ReadonlySet<number> | null;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** The token is rejected until this time, to simulate replication lag. */
  readonly activeAt: number;
}

export interface UserTokenRecord {
  readonly kind: 'user';
  readonly hash: string;
  readonly userId: number;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly refreshHash: string;
  readonly refreshExpiresAt: number;
}

export type TokenRecord = InstallationTokenRecord | UserTokenRecord;

/**
 * The lifetimes of a user token and of its refresh token.
 * https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/refreshing-user-access-tokens
 */
export const USER_TOKEN_SECONDS = 28_800;
export const REFRESH_TOKEN_SECONDS = 15_897_600;
/**
 * Expired records are removed whenever the number of records reaches a multiple of this, so a long benchmark doesn't
 * run out of memory.
 */
const SWEEP_EVERY = 10_000;
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Returns base64(SHA-256(token)), the `hashed_token` of GitHub's audit log. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}

/** Issues and recognizes tokens. Only their hashes are stored. */
export class Tokens {
  readonly #records = new Map<string, TokenRecord>();
  readonly #refresh = new Map<string, string>();

  constructor(private readonly clock: Clock) {}

  issueInstallationToken(
    appId: number,
    format: 'classic' | 'stateless',
    given: Pick<InstallationTokenRecord, 'installationId' | 'permissions' | 'selection' | 'repositoryIds'> & {
      lagMs: number;
      lifetimeMs: number;
    },
  ): { token: string; record: InstallationTokenRecord } {
    const now = this.clock.now();
    const expiresAt = Math.floor(now / 1000) * 1000 + given.lifetimeMs;
    const token =
      format === 'classic' ? `ghs_${base62(36)}` : statelessToken(appId, given.installationId, expiresAt);
    const { lagMs, lifetimeMs: _, ...scope } = given;
    const record: InstallationTokenRecord = {
      kind: 'installation',
      hash: hashToken(token),
      ...scope,
      createdAt: now,
      expiresAt,
      activeAt: now + lagMs,
    };
    this.#keep(record);
    return { token, record };
  }

  issueUserToken(userId: number): { token: string; refreshToken: string; record: UserTokenRecord } {
    const now = this.clock.now();
    const token = `ghu_${base62(36)}`;
    const refreshToken = `ghr_${base62(76)}`;
    const record: UserTokenRecord = {
      kind: 'user',
      hash: hashToken(token),
      userId,
      createdAt: now,
      expiresAt: now + USER_TOKEN_SECONDS * 1000,
      refreshHash: hashToken(refreshToken),
      refreshExpiresAt: now + REFRESH_TOKEN_SECONDS * 1000,
    };
    this.#keep(record);
    this.#refresh.set(record.refreshHash, record.hash);
    return { token, refreshToken, record };
  }

  #keep(record: TokenRecord): void {
    this.#records.set(record.hash, record);
    if (this.#records.size % SWEEP_EVERY === 0)
      this.revokeWhere(({ expiresAt }) => expiresAt <= this.clock.now());
  }

  /** Returns the token's record, or undefined if the token is unknown, revoked or expired. */
  find(token: string): TokenRecord | undefined {
    const record = this.#records.get(hashToken(token));
    if (!record || record.expiresAt <= this.clock.now()) return undefined;
    return record;
  }

  revoke(record: TokenRecord): void {
    this.#records.delete(record.hash);
    if (record.kind === 'user') this.#refresh.delete(record.refreshHash);
  }

  /**
   * Consumes a refresh token and revokes its access token. Returns the user id, or null for an invalid refresh token.
   */
  spendRefreshToken(refreshToken: string): number | null {
    const hash = this.#refresh.get(hashToken(refreshToken));
    const record = hash === undefined ? undefined : this.#records.get(hash);
    if (record?.kind !== 'user') return null;
    this.revoke(record);
    return record.refreshExpiresAt > this.clock.now() ? record.userId : null;
  }

  revokeWhere(predicate: (record: TokenRecord) => boolean): number {
    const doomed = [...this.#records.values()].filter(predicate);
    for (const record of doomed) this.revoke(record);
    return doomed.length;
  }

  /** Returns the records of all valid tokens. A record contains the hash, not the token. */
  list(): TokenRecord[] {
    return [...this.#records.values()].filter((record) => record.expiresAt > this.clock.now());
  }
}

function base62(length: number): string {
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytes(length)) if (byte < 248) text += BASE62[byte % 62];
  }
  return text.slice(0, length);
}

/**
 * Returns a token in GitHub's format of 2026: `ghs_<app id>_<JWT>`, about 520 characters including dots. The signature
 * is random, because clients must treat a token as opaque and this server recognizes it by its hash.
 */
function statelessToken(appId: number, installationId: number, expiresAt: number): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const header = part({ alg: 'RS256', typ: 'JWT' });
  const exp = Math.floor(expiresAt / 1000);
  const payload = part({ iss: 'offline-github', sub: String(installationId), exp, jti: base62(24) });
  return `ghs_${appId}_${header}.${payload}.${randomBytes(256).toString('base64url')}`;
}
