import { getConfig } from '../config';
import { getPool } from '../db/pool';
import { isUuid } from '../db/uuid';
import { Problem } from '../problem';
import type { UserActor } from './actor';
import { readBearer } from './bearer';
import { decodeJwt } from './decode-jwt';
import { type Cookie, readSessionCookie, sessionCookieName } from './session-cookie';

/** @returns the `sub` of a JWT that we made, that has not expired, and whose session is not over */
async function readSubject(jwt: string, secret: string): Promise<string | null> {
  try {
    const subject = (await decodeJwt({ token: jwt, secret }))?.sub;
    return subject !== undefined && isUuid(subject) ? subject : null;
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
}): Promise<{ actor: UserActor; via: 'bearer' | 'cookie' }> {
  const { publicUrl, auth } = getConfig();
  const bearer = readBearer(credentials.authorization);
  const via = bearer === null ? 'cookie' : 'bearer';
  const jwt = bearer ?? readSessionCookie(credentials.cookies, sessionCookieName(publicUrl));
  const subject = jwt === null ? null : await readSubject(jwt, auth.secret);
  const actor = subject === null ? null : await findUser(subject);
  if (actor === null)
    throw new Problem(
      'unauthenticated',
      via === 'bearer' ? 'The bearer token is not a valid user token.' : 'Sign in, or send a user token.',
    );
  return { actor, via };
}
