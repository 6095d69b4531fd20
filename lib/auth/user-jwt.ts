import type { UserActor } from '../actor';
import { getConfig } from '../config';
import { getPool } from '../db/pool';
import { isUuid } from '../db/uuid';
import { Problem } from '../problem';
import { readBearer } from './bearer';
import { decodeJwt } from './decode-jwt';
import { type Cookie, readSessionCookie, sessionCookieName } from './session-cookie';

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
  /** The request's `Authorization` header. */
  authorization: string | null;
  cookies: readonly Cookie[];
}): Promise<{ actor: UserActor; via: 'bearer' | 'cookie'; verifiedEmail: VerifiedEmail }> {
  const { publicUrl, auth } = getConfig();
  const bearer = readBearer(credentials.authorization);
  const via = bearer === null ? 'cookie' : 'bearer';
  const jwt = bearer ?? readSessionCookie(credentials.cookies, sessionCookieName(publicUrl));
  const claims = jwt === null ? null : await readClaims(jwt, auth.secret);
  const actor = claims === null ? null : await findUser(claims.subject);
  if (actor === null || claims === null)
    throw new Problem(
      'unauthenticated',
      via === 'bearer' ? 'The bearer token is not a valid user token.' : 'Sign in, or send a user token.',
    );
  return { actor, via, verifiedEmail: claims.verifiedEmail };
}
