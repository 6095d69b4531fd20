import { cookies, headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { cache } from 'react';
import { Problem } from '../problem';
import type { UserActor } from './actor';
import { PAGE_HEADER, safeReturnTo } from './return-to';
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

/** Path and query of the page that is asked for now. */
export async function currentPage(): Promise<string> {
  return safeReturnTo((await headers()).get(PAGE_HEADER));
}

/** Leads to sign-in and back to the page that is asked for now, with all that its address says. */
export async function signInHref(): Promise<string> {
  return `/sign-in?callbackUrl=${encodeURIComponent(await currentPage())}`;
}

/** For server components that need somebody signed in: whoever is not goes to sign-in, and comes back to the page. */
export async function requireUser(): Promise<UserActor> {
  return (await currentUser()) ?? redirect(await signInHref());
}
