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
