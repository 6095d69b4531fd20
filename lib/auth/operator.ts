import type { UserActor } from '../actor';
import { getConfig } from '../config';
import { currentVerifiedEmail, requireUser } from './current-user';
import type { VerifiedEmail } from './session';

/**
 * True if `OPERATOR_EMAILS` names this user. The address must be the user's own, and the current sign-in must have
 * verified it. The first alone may have passed to another person since. With the second alone, a user of a careless
 * provider could present an operator's address there.
 */
export function isOperator(user: UserActor, verifiedEmail: VerifiedEmail): boolean {
  return verifiedEmail === user.label && getConfig().operatorEmails.includes(user.label);
}

/**
 * Returns the signed-in operator, or `null` for everybody else: pages then show the 404 of an unknown path. Redirects
 * visitors without a session to sign-in, as other pages do, unless there is no operator at all.
 */
export async function findOperator(): Promise<UserActor | null> {
  if (getConfig().operatorEmails.length === 0) return null;
  const user = await requireUser();
  return isOperator(user, await currentVerifiedEmail()) ? user : null;
}
