/** Gives pages and server actions access to the current session. */
import { headers, cookies as requestCookies } from 'next/headers';
import { redirect } from 'next/navigation';
import { cache } from 'react';
import type { UserActor } from '../actor';
import { Problem } from '../problem';
import { PAGE_HEADER, safeReturnTo } from './return-to';
import { authenticateUser, type VerifiedEmail } from './session';

type Session = { actor: UserActor; verifiedEmail: VerifiedEmail; sessionId: string | undefined };

/** Reads the session, once per request. */
const currentSession = cache(async (): Promise<Session | null> => {
  try {
    return await authenticateUser({ bearer: null, cookies: (await requestCookies()).getAll() });
  } catch (error) {
    if (error instanceof Problem && error.code === 'unauthenticated') return null;
    throw error;
  }
});

/** Returns the signed-in user, or `null`. */
export async function currentUser(): Promise<UserActor | null> {
  return (await currentSession())?.actor ?? null;
}

/** Returns the email address verified by the sign-in that began the current session. */
export async function currentVerifiedEmail(): Promise<VerifiedEmail> {
  return (await currentSession())?.verifiedEmail;
}

/** Returns the id of the current session; `undefined` for a token without a session. */
export async function currentSessionId(): Promise<string | undefined> {
  return (await currentSession())?.sessionId;
}

/** Returns the path and query of the page being requested. */
export async function currentPage(): Promise<string> {
  return safeReturnTo((await headers()).get(PAGE_HEADER));
}

/** Returns the URL of the sign-in page, with a `callbackUrl` that brings the user back to the page being requested. */
export async function signInHref(): Promise<string> {
  return `/sign-in?callbackUrl=${encodeURIComponent(await currentPage())}`;
}

/**
 * Returns the signed-in user. Redirects anyone without a session to the sign-in page, which brings them back to the
 * requested page.
 */
export async function requireUser(): Promise<UserActor> {
  return (await currentUser()) ?? redirect(await signInHref());
}
