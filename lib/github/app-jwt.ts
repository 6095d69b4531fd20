import { createPrivateKey, sign } from 'node:crypto';
import { promisify } from 'node:util';

/** Signs `header.payload` with RS256. */
export type SignJwt = (signingInput: string) => Promise<Buffer>;

/**
 * GitHub refuses an `exp` more than 600 s ahead of its own clock, and an `iat` in its future.
 *
 * @see https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
 */
const ISSUED_SECONDS_AGO = 60;
const EXPIRES_IN_SECONDS = 540;
/** A JWT is not used any more when it has less than this left, so that it cannot expire on its way. */
const SPARE_SECONDS = 60;

const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const HEADER = base64url({ alg: 'RS256', typ: 'JWT' });
const signAsync = promisify(sign);

/** @param privateKey PKCS#8 PEM, parsed once: parsing costs more than signing */
export function pemSigner(privateKey: string): SignJwt {
  const key = createPrivateKey(privateKey);
  return (signingInput) => signAsync('RSA-SHA256', Buffer.from(signingInput), key);
}

export type AppJwtSource = {
  /** The App JWT, signed anew shortly before it expires; concurrent callers share one signature. */
  get(): Promise<string>;
  /** Sets the clock by GitHub's `Date` header and drops the JWT. @returns whether the clock was off by 5 s or more */
  correctClock(date: string | undefined): boolean;
};

/** The App JWT is PulseStream's own and may be kept in memory for its life; installation tokens never are (C05, C08). */
export function createAppJwtSource(
  issuer: string,
  signJwt: SignJwt,
  now: () => number = Date.now,
): AppJwtSource {
  let skewMs = 0;
  let current: { jwt: Promise<string>; usableUntil: number } | undefined;

  const create = async (seconds: number): Promise<string> => {
    const payload = { iss: issuer, iat: seconds - ISSUED_SECONDS_AGO, exp: seconds + EXPIRES_IN_SECONDS };
    const signingInput = `${HEADER}.${base64url(payload)}`;
    return `${signingInput}.${(await signJwt(signingInput)).toString('base64url')}`;
  };

  return {
    get() {
      const seconds = Math.floor((now() + skewMs) / 1000);
      if (current === undefined || seconds >= current.usableUntil) {
        const next = { jwt: create(seconds), usableUntil: seconds + EXPIRES_IN_SECONDS - SPARE_SECONDS };
        next.jwt.catch(() => {
          if (current === next) current = undefined;
        });
        current = next;
      }
      return current.jwt;
    },
    correctClock(date) {
      const theirs = Date.parse(date ?? '');
      if (Number.isNaN(theirs)) return false;
      const skew = theirs - now();
      const changed = Math.abs(skew - skewMs) >= 5000;
      if (changed) {
        skewMs = skew;
        current = undefined;
      }
      return changed;
    },
  };
}
