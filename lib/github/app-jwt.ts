import type { SignJwt } from './signer';

/**
 * GitHub refuses an `exp` more than 600 s ahead of its own clock, and an `iat` in its future.
 *
 * @see https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
 */
const ISSUED_SECONDS_AGO = 60;
const EXPIRES_IN_SECONDS = 540;
/** A JWT is not used any more when it has less than this left, so that it cannot expire on its way. */
const SPARE_SECONDS = 60;
/** A clock that is off by less is left alone. */
const TOLERATED_SKEW_MS = 5000;

const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const HEADER = base64url({ alg: 'RS256', typ: 'JWT' });

export type AppJwtSource = {
  /** The App JWT, signed anew shortly before it expires; concurrent callers share one signature. */
  get(): Promise<string>;
  /**
   * Returns the App JWT to `@octokit/auth-app`, which calls again after a rejection of its times.
   *
   * @param secondsAhead how far GitHub's clock is ahead of ours; kept for all later calls
   */
  createJwt(appId: unknown, secondsAhead?: number): Promise<{ jwt: string; expiresAt: string }>;
  /**
   * Counts how often clock or key were changed. Who was refused with an older revision need not change them again:
   * somebody else, refused at the same time, has done it.
   */
  readonly revision: number;
  /** Sets the clock by GitHub's `Date` header and drops the JWT. @returns whether the clock was off by 5 s or more */
  correctClock(date: string | undefined): boolean;
  /** Signs with the next key from now on, for one that GitHub does not know. @returns false if there is only one */
  takeNextKey(): boolean;
  /** Names the App by its next issuer from now on. @returns false if there is none left */
  takeNextIssuer(): boolean;
};

/**
 * The App JWT is PulseStream's own and may be kept in memory for its life; installation tokens never are (C05, C08).
 *
 * @param issuers names of the App, in the order in which they are tried: the client id, and the App id for servers that
 *   take nothing else
 * @param signers one a key; the second and later ones are for the time of a key's rotation
 */
export function createAppJwtSource(
  issuers: readonly (string | number)[],
  signers: readonly SignJwt[],
  now: () => number = () => Date.now(),
): AppJwtSource {
  let skewMs = 0;
  let key = 0;
  let issuer = 0;
  let revision = 0;
  let current: { jwt: Promise<string>; signedAt: number; usableUntil: number; expiresAt: string } | undefined;

  const change = () => {
    revision++;
    current = undefined;
    return true;
  };

  const setSkew = (ms: number) => {
    if (Math.abs(ms - skewMs) < TOLERATED_SKEW_MS) return false;
    skewMs = ms;
    return change();
  };

  const create = async (seconds: number): Promise<string> => {
    const signJwt = signers[key];
    if (signJwt === undefined) throw new Error('there is no key to sign with');
    const payload = {
      iss: issuers[issuer],
      iat: seconds - ISSUED_SECONDS_AGO,
      exp: seconds + EXPIRES_IN_SECONDS,
    };
    const signingInput = `${HEADER}.${base64url(payload)}`;
    return `${signingInput}.${(await signJwt(signingInput)).toString('base64url')}`;
  };

  const getCurrent = () => {
    const seconds = Math.floor((now() + skewMs) / 1000);
    // After the clock was set back, GitHub may hold the times of an older JWT for too far ahead.
    if (current !== undefined && seconds >= current.signedAt && seconds < current.usableUntil) return current;
    const next = {
      jwt: create(seconds),
      signedAt: seconds,
      usableUntil: seconds + EXPIRES_IN_SECONDS - SPARE_SECONDS,
      expiresAt: new Date((seconds + EXPIRES_IN_SECONDS) * 1000).toISOString(),
    };
    next.jwt.catch(() => {
      if (current === next) current = undefined;
    });
    current = next;
    return next;
  };

  return {
    get: () => getCurrent().jwt,
    async createJwt(_appId, secondsAhead) {
      if (secondsAhead !== undefined) setSkew(secondsAhead * 1000);
      const { jwt, expiresAt } = getCurrent();
      return { jwt: await jwt, expiresAt };
    },
    get revision() {
      return revision;
    },
    correctClock(date) {
      const theirs = Date.parse(date ?? '');
      if (Number.isNaN(theirs)) return false;
      return setSkew(theirs - now());
    },
    takeNextKey() {
      if (signers.length < 2) return false;
      key = (key + 1) % signers.length;
      return change();
    },
    takeNextIssuer() {
      if (issuer + 1 >= issuers.length) return false;
      issuer++;
      return change();
    },
  };
}
