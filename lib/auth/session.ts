import { cookies, headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { cache } from 'react';
import type { UserActor } from '../actor';
import { Problem } from '../problem';
import { PAGE_HEADER, safeReturnTo } from './return-to';
import { authenticateUser, type VerifiedEmail } from './user-jwt';

type Session = { actor: UserActor; verifiedEmail: VerifiedEmail };

/** For server components. Read once a request, however many components ask. */
const currentSession = cache(async (): Promise<Session | null> => {
  try {
    return await authenticateUser({ bearer: null, cookies: (await cookies()).getAll() });
  } catch (error) {
    if (error instanceof Problem && error.code === 'unauthenticated') return null;
    throw error;
  }
});

/** Returns who is signed in. */
export async function currentUser(): Promise<UserActor | null> {
  return (await currentSession())?.actor ?? null;
}

/** Returns the address that the current session's sign-in has verified. */
export async function currentVerifiedEmail(): Promise<VerifiedEmail> {
  return (await currentSession())?.verifiedEmail;
}

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
