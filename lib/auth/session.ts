import { cookies } from 'next/headers';
import { redirect } from 'next/navigation';
import { cache } from 'react';
import { Problem } from '../problem';
import type { UserActor } from './actor';
import { safeReturnTo } from './return-to';
import { authenticateUser } from './user-jwt';

/** For server components: who is signed in. Asked once a request, however many components ask. */
export const currentUser = cache(async (): Promise<UserActor | null> => {
  try {
    const { actor } = await authenticateUser({ authorization: null, cookies: (await cookies()).getAll() });
    return actor;
  } catch (error) {
    if (error instanceof Problem && error.code === 'unauthenticated') return null;
    throw error;
  }
});

/**
 * For server components that need somebody signed in.
 *
 * @param returnTo path to come back to after sign-in
 */
export async function requireUser(returnTo: string): Promise<UserActor> {
  return (
    (await currentUser()) ?? redirect(`/sign-in?callbackUrl=${encodeURIComponent(safeReturnTo(returnTo))}`)
  );
}
