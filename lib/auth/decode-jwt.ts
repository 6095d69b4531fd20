import { decode, type JWT, type JWTDecodeParams } from 'next-auth/jwt';
import { remainingSessionAge } from './session-lifetime';

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
