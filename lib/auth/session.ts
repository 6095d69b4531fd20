/** Reads a user's session: from the cookie or a bearer token, through the JWT, to the user in the database. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { headers, cookies as requestCookies } from 'next/headers';
import { redirect } from 'next/navigation';
import type { CookiesOptions } from 'next-auth';
import { decode, type JWT, type JWTDecodeParams } from 'next-auth/jwt';
import { cache } from 'react';
import { z } from 'zod';
import type { UserActor } from '../actor';
import { getConfig } from '../config';
import { query, sql } from '../db/sql';
import { Problem } from '../problem';
import { PAGE_HEADER, safeReturnTo } from './return-to';

/** A cookie in the form of Next's `cookies().getAll()` and `request.cookies.getAll()`. */
export type Cookie = { readonly name: string; readonly value: string };

/**
 * Returns the full name of one of our cookies. Over https the name starts with `__Host-`, which neither a sibling
 * subdomain nor plain http can set. So nobody can plant a session or an attempt in another user's browser.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6265#section-8.6 for the powers of a sibling without the prefix
 */
export function cookieName(publicUrl: string, name: string): string {
  return `${publicUrl.startsWith('https://') ? '__Host-' : ''}${name}`;
}

export function sessionCookieName(publicUrl: string): string {
  return cookieName(publicUrl, 'next-auth.session-token');
}

/** The time that a user may spend at the provider. */
const SIGN_IN_SECONDS = 15 * 60;

/** Returns next-auth's cookies under names that only this host can set. next-auth's own default is `__Secure-`. */
export function authCookies(publicUrl: string): Partial<CookiesOptions> {
  const cookie = (name: string, maxAge?: number) => ({
    name: cookieName(publicUrl, `next-auth.${name}`),
    options: {
      httpOnly: true,
      sameSite: 'lax' as const,
      path: '/',
      secure: publicUrl.startsWith('https://'),
      ...(maxAge === undefined ? {} : { maxAge }),
    },
  });
  return {
    sessionToken: cookie('session-token'),
    callbackUrl: cookie('callback-url'),
    csrfToken: cookie('csrf-token'),
    pkceCodeVerifier: cookie('pkce.code_verifier', SIGN_IN_SECONDS),
    state: cookie('state', SIGN_IN_SECONDS),
    nonce: cookie('nonce'),
  };
}

/** The most chunks that are read. A session of ours has fewer; a forged series may have any number. */
const MAX_CHUNKS = 8;

/** Reads the session's JWT, and joins the chunks `.0`, `.1`, … into which next-auth splits a long one. */
export function readSessionCookie(cookies: readonly Cookie[], name: string): string | null {
  const read = (wanted: string) => cookies.find((cookie) => cookie.name === wanted)?.value;
  const whole = read(name);
  if (whole !== undefined) return whole === '' ? null : whole;
  let joined = '';
  for (let i = 0; i < MAX_CHUNKS; i++) {
    const chunk = read(`${name}.${i}`);
    if (chunk === undefined) break;
    joined += chunk;
  }
  return joined === '' ? null : joined;
}

/**
 * Reads next-auth's CSRF token for a plain HTML form, which then works without JavaScript. The form posts the field
 * `csrfToken` to `/api/auth/signin/{provider}`, `/api/auth/callback/dev-login` or `/api/auth/signout`.
 *
 * @returns `null` if the browser has no such cookie yet: a GET of `/api/auth/signin?callbackUrl=…` sets it and
 *   redirects to `/sign-in`
 */
export function readCsrfToken(cookies: readonly Cookie[]): string | null {
  const { publicUrl, auth } = getConfig();
  const name = cookieName(publicUrl, 'next-auth.csrf-token');
  const [token, hash] = cookies.find((cookie) => cookie.name === name)?.value.split('|') ?? [];
  if (token === undefined || hash === undefined) return null;
  const expected = createHash('sha256').update(`${token}${auth.secret}`).digest('hex');
  const given = Buffer.from(hash);
  return given.length === expected.length && timingSafeEqual(given, Buffer.from(expected)) ? token : null;
}

/**
 * The life of a session, counted from the sign-in and not from its last use. A stolen cookie is worthless the next
 * day, because next-auth cannot revoke a JWT. The removal of a user or a membership takes effect immediately.
 */
export const SESSION_MAX_AGE_SECONDS = 12 * 60 * 60;

/**
 * Returns the seconds that a session's JWT may still live. next-auth would grant the whole maximum each time that it
 * renews the JWT.
 *
 * @param signedInAt the time of the sign-in, in seconds since 1970
 */
export function remainingSessionAge(signedInAt: number, now = Math.floor(Date.now() / 1000)): number {
  return Math.max(0, Math.min(SESSION_MAX_AGE_SECONDS, signedInAt + SESSION_MAX_AGE_SECONDS - now));
}

/**
 * Decodes a JWT by next-auth's `decode`, and checks the time of the sign-in too. `decode` alone accepts a JWT for 15
 * seconds after its `exp`, in which an expired session could be renewed again and again.
 *
 * @returns `null` for a session that is over
 * @throws for a foreign, invalid or expired JWT
 */
export async function decodeJwt(params: JWTDecodeParams): Promise<JWT | null> {
  const jwt = await decode(params);
  const signedInAt = jwt?.auth_time;
  return typeof signedInAt === 'number' && remainingSessionAge(signedInAt) === 0 ? null : jwt;
}

/**
 * The address that a session's sign-in has verified. `null`: the provider vouched for none. `undefined`: the JWT
 * contains no statement about it.
 */
export type VerifiedEmail = string | null | undefined;

const Claims = z.object({ sub: z.guid(), verified_email: z.string().nullish().catch(undefined) });

/** @returns the claims of a valid JWT of ours, if its session is not over */
async function readClaims(jwt: string, secret: string): Promise<z.output<typeof Claims> | null> {
  const claims = await decodeJwt({ token: jwt, secret }).catch(() => null);
  return Claims.safeParse(claims).data ?? null;
}

async function findUser(id: string): Promise<UserActor | null> {
  const [row] = await query(
    'mint',
    sql<{ id: string; email: string }>`SELECT id, email FROM users WHERE id = ${id}::uuid`,
  );
  return row === undefined ? null : { type: 'user', id: row.id, label: row.email };
}

/**
 * Authenticates a user by a bearer token, or else by the session cookie. A bearer token takes precedence: after an
 * invalid one, the cookie is not tried. Each call looks the user up, so a removed user is refused immediately.
 *
 * @returns the actor, and `via`, because a request with a cookie must not come from another site
 * @throws {Problem} `unauthenticated`
 */
export async function authenticateUser(credentials: {
  /** The credential of an `Authorization: Bearer` header; `null` if none was sent. */
  bearer: string | null;
  cookies: readonly Cookie[];
}): Promise<{ actor: UserActor; via: 'bearer' | 'cookie'; verifiedEmail: VerifiedEmail }> {
  const { publicUrl, auth } = getConfig();
  const { bearer, cookies } = credentials;
  const via = bearer === null ? 'cookie' : 'bearer';
  const jwt = bearer ?? readSessionCookie(cookies, sessionCookieName(publicUrl));
  const claims = jwt === null ? null : await readClaims(jwt, auth.secret);
  const actor = claims === null ? null : await findUser(claims.sub);
  if (actor === null || claims === null)
    throw new Problem(
      'unauthenticated',
      via === 'bearer' ? 'The bearer token is not a valid user token.' : 'Sign in, or send a user token.',
    );
  return { actor, via, verifiedEmail: claims.verified_email };
}

type Session = { actor: UserActor; verifiedEmail: VerifiedEmail };

/** Reads the session for server components, once per request. */
const currentSession = cache(async (): Promise<Session | null> => {
  try {
    return await authenticateUser({ bearer: null, cookies: (await requestCookies()).getAll() });
  } catch (error) {
    if (error instanceof Problem && error.code === 'unauthenticated') return null;
    throw error;
  }
});

/** Returns the signed-in user. */
export async function currentUser(): Promise<UserActor | null> {
  return (await currentSession())?.actor ?? null;
}

/** Returns the address that the current session's sign-in has verified. */
export async function currentVerifiedEmail(): Promise<VerifiedEmail> {
  return (await currentSession())?.verifiedEmail;
}

/** Returns path and query of the requested page. */
export async function currentPage(): Promise<string> {
  return safeReturnTo((await headers()).get(PAGE_HEADER));
}

/** Returns the address of the sign-in page, which leads back to the requested page with its query. */
export async function signInHref(): Promise<string> {
  return `/sign-in?callbackUrl=${encodeURIComponent(await currentPage())}`;
}

/** Returns the signed-in user, or redirects to the sign-in page, which leads back to the requested page. */
export async function requireUser(): Promise<UserActor> {
  return (await currentUser()) ?? redirect(await signInHref());
}
