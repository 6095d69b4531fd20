import { decode, type JWT, type JWTDecodeParams } from 'next-auth/jwt';
import type { UserActor } from '../actor';
import { getConfig } from '../config';
import { getPool } from '../db/pool';
import { isUuid } from '../db/uuid';
import { Problem } from '../problem';
import { type Cookie, readSessionCookie, sessionCookieName } from './cookies';

/**
 * Seconds. A session ends twelve hours after the sign-in, used or not: a stolen cookie is worthless the next day,
 * and next-auth has no revocation for a JWT. (Removing the user or the membership takes effect at once all the same.)
 */
export const SESSION_MAX_AGE = 12 * 60 * 60;

/**
 * Seconds that a session's JWT may still live, whenever it is written anew: next-auth would give it the whole
 * maximum each time.
 *
 * @param signedInAt when the user signed in, in seconds since 1970
 */
export function remainingSessionAge(signedInAt: number, now = Math.floor(Date.now() / 1000)): number {
  return Math.max(0, Math.min(SESSION_MAX_AGE, signedInAt + SESSION_MAX_AGE - now));
}

/**
 * next-auth's `decode`, which takes a JWT for 15 seconds after its `exp` and looks at nothing else. Then a session
 * that is over could be issued anew within them, again and again, so the sign-in's own time decides as well.
 *
 * @returns null for a session that is over
 * @throws for what is no JWT of ours, or has expired
 */
export async function decodeJwt(params: JWTDecodeParams): Promise<JWT | null> {
  const jwt = await decode(params);
  const signedInAt = jwt?.auth_time;
  return typeof signedInAt === 'number' && remainingSessionAge(signedInAt) === 0 ? null : jwt;
}

/**
 * The address that a session's sign-in has verified: `null` if the provider vouched for none, `undefined` in a JWT that
 * does not say.
 */
export type VerifiedEmail = string | null | undefined;

type Claims = { subject: string; verifiedEmail: VerifiedEmail };

/** @returns the claims of a JWT that we made, that has not expired, and whose session is not over */
async function readClaims(jwt: string, secret: string): Promise<Claims | null> {
  try {
    const claims = await decodeJwt({ token: jwt, secret });
    if (claims?.sub === undefined || !isUuid(claims.sub)) return null;
    const { sub: subject, verified_email: email } = claims;
    return { subject, verifiedEmail: typeof email === 'string' || email === null ? email : undefined };
  } catch {
    return null;
  }
}

async function findUser(id: string): Promise<UserActor | null> {
  const { rows } = await getPool('mint').query<{ id: string; email: string }>(
    'SELECT id, email FROM users WHERE id = $1::uuid',
    [id],
  );
  const row = rows[0];
  return row === undefined ? null : { type: 'user', id: row.id, label: row.email };
}

/**
 * The signed-in user, from a bearer token or else from the session cookie. A bearer token that was sent decides
 * alone: with a bad one the cookie is not tried. The user is looked up each time, so a removed one is out at once.
 *
 * @returns `via`, because what came by cookie must not come from another site
 * @throws {Problem} `unauthenticated`
 */
export async function authenticateUser(credentials: {
  /** The credential of an `Authorization: Bearer` header; `null` if none was sent. */
  bearer: string | null;
  cookies: readonly Cookie[];
}): Promise<{ actor: UserActor; via: 'bearer' | 'cookie'; verifiedEmail: VerifiedEmail }> {
  const { publicUrl, auth } = getConfig();
  const { bearer, cookies } = credentials;
  const via = bearer === null ? 'cookie' : 'bearer';
  const jwt = bearer ?? readSessionCookie(cookies, sessionCookieName(publicUrl));
  const claims = jwt === null ? null : await readClaims(jwt, auth.secret);
  const actor = claims === null ? null : await findUser(claims.subject);
  if (actor === null || claims === null)
    throw new Problem(
      'unauthenticated',
      via === 'bearer' ? 'The bearer token is not a valid user token.' : 'Sign in, or send a user token.',
    );
  return { actor, via, verifiedEmail: claims.verifiedEmail };
}
