import { hasSignedIn } from '../lib/auth/sign-in';
import type { Transaction } from '../lib/db/client';

/**
 * Warns on stderr if the user has already signed in. Their email address was last verified then, so it may belong to
 * somebody else by now.
 */
export async function warnOfKnownAddress(
  tx: Pick<Transaction, 'identity'>,
  userId: string,
  email: string,
): Promise<void> {
  if (await hasSignedIn(tx, userId))
    console.error(
      `${email} belongs to a user who has signed in before; check that the address is still theirs`,
    );
}
