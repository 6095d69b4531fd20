/** Authenticates users by session cookie or bearer token, and reads their role in a workspace from the database. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { CookiesOptions } from 'next-auth';
import { decode, type JWT, type JWTDecodeParams } from 'next-auth/jwt';
import { z } from 'zod';
import type { Actor, UserActor } from '../actor';
import { getConfig } from '../config';
import { hasRole, type Role, Slug } from '../contract/members';
import type { Transaction } from '../db/client';
import { query, type Sql, sql } from '../db/sql';
import { log } from '../observability/log';
import { notFound, Problem } from '../problem';

/** A cookie in the shape that Next's `cookies().getAll()` and `request.cookies.getAll()` return. */
export type Cookie = { readonly name: string; readonly value: string };

/**
 * Returns the full name of one of our cookies. Over https, the name starts with `__Host-`. Neither a sibling subdomain
 * nor plain http can set a cookie with this prefix, so nobody can plant a session or a connect attempt in another
 * user's browser.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6265#section-8.6 for what a sibling subdomain can do without the prefix
 */
export function cookieName(publicUrl: string, name: string): string {
  return `${publicUrl.startsWith('https://') ? '__Host-' : ''}${name}`;
}

export function sessionCookieName(publicUrl: string): string {
  return cookieName(publicUrl, 'next-auth.session-token');
}

/** How long a user has to finish signing in at the provider. */
const SIGN_IN_SECONDS = 15 * 60;

/**
 * Returns the options for next-auth's cookies, renamed so that only this host can set them. next-auth's usual prefix,
 * `__Secure-`, would let a sibling subdomain set them.
 */
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

/** The most session cookie chunks to read. Our own sessions need fewer, but a client could forge an endless series. */
const MAX_CHUNKS = 8;

/**
 * Reads the session's JWT. next-auth splits a long JWT across cookies numbered `.0`, `.1`, …, which this function
 * joins.
 */
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
 * Reads next-auth's CSRF token for a plain HTML form, which works without JavaScript. The form posts the token as
 * `csrfToken` to `/api/auth/signin/{provider}`, `/api/auth/callback/dev-login` or `/api/auth/signout`.
 *
 * @returns the token, or `null` if the browser has no CSRF cookie yet; a GET of `/api/auth/signin?callbackUrl=…` sets
 *   the cookie and redirects to `/sign-in`
 */
export function readCsrfToken(cookies: readonly Cookie[]): string | null {
  return findCsrfToken(cookies)?.token ?? null;
}

/**
 * Returns the secret with which this browser's sign-in began, so a rotation of `NEXTAUTH_SECRET` interrupts no sign-in.
 * next-auth takes only one secret. It encrypts the other cookies of a sign-in with the secret that signed the CSRF
 * cookie.
 */
export function signInSecret(cookies: readonly Cookie[]): string {
  return findCsrfToken(cookies)?.secret ?? getConfig().auth.secret;
}

function findCsrfToken(cookies: readonly Cookie[]): { token: string; secret: string } | undefined {
  const { publicUrl, auth } = getConfig();
  const name = cookieName(publicUrl, 'next-auth.csrf-token');
  const [token, hash] = cookies.find((cookie) => cookie.name === name)?.value.split('|') ?? [];
  if (token === undefined || hash === undefined) return undefined;
  const given = Buffer.from(hash);
  const secret = auth.secrets.find((one) => {
    const expected = Buffer.from(createHash('sha256').update(`${token}${one}`).digest('hex'));
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
  return secret === undefined ? undefined : { token, secret };
}

/**
 * A session's lifetime, counted from sign-in rather than from last use, so that a stolen cookie is useless by the next
 * day. Ending a session, or removing a user or a membership, is effective immediately, because every request reads
 * them from the database.
 */
export const SESSION_MAX_AGE_SECONDS = 12 * 60 * 60;

/**
 * Returns the remaining lifetime of a session's JWT, in seconds. Without this, next-auth would grant the full lifetime
 * again every time it renews the JWT.
 *
 * @param signedInAt the time of the sign-in, in Unix seconds
 */
export function remainingSessionAge(signedInAt: number, now = Math.floor(Date.now() / 1000)): number {
  return Math.max(0, Math.min(SESSION_MAX_AGE_SECONDS, signedInAt + SESSION_MAX_AGE_SECONDS - now));
}

/**
 * Decrypts a token of ours with next-auth's `decode`. During a rotation of `NEXTAUTH_SECRET`, also tries the previous
 * secret.
 *
 * @returns the claims; `null` for an empty token
 * @throws if the token isn't ours, or is invalid or expired
 */
export async function decrypt(params: Omit<JWTDecodeParams, 'secret'>): Promise<JWT | null> {
  const [secret = '', previous] = getConfig().auth.secrets;
  const current = decode({ ...params, secret });
  return previous === undefined ? current : current.catch(() => decode({ ...params, secret: previous }));
}

/**
 * Decrypts a session's JWT, and also checks the time of the sign-in. By itself, next-auth's `decode` still accepts a JWT
 * for 15 seconds after its `exp`, so an expired session could be renewed again and again.
 *
 * @returns the JWT's claims, or `null` if the session has ended
 * @throws if the JWT isn't ours, or is invalid or expired
 */
export async function decodeJwt(params: Omit<JWTDecodeParams, 'secret'>): Promise<JWT | null> {
  const jwt = await decrypt(params);
  const signedInAt = jwt?.auth_time;
  return typeof signedInAt === 'number' && remainingSessionAge(signedInAt) === 0 ? null : jwt;
}

/**
 * The email address verified by the session's sign-in. `null` if the provider didn't vouch for an address, `undefined`
 * if the JWT doesn't contain this information.
 */
export type VerifiedEmail = string | null | undefined;

const Seconds = z.number().optional().catch(undefined);

/** A JWT whose session's id is invalid is refused, rather than taken for one without a session. */
const Claims = z.object({
  sub: z.guid(),
  sid: z.guid().optional(),
  auth_time: Seconds,
  iat: Seconds,
  verified_email: z.string().nullish().catch(undefined),
});
type Claims = z.output<typeof Claims>;

/** Returns the claims of a JWT issued by us, or `null` if the JWT is invalid or has expired. */
async function readClaims(jwt: string): Promise<Claims | null> {
  const claims = await decodeJwt({ token: jwt }).catch(() => null);
  return Claims.safeParse(claims).data ?? null;
}

/** How often the use of a session is noted. */
const NOTE_USE_EVERY_MS = 5 * 60_000;

/**
 * A condition on a row of `sessions`: it has not expired, and was used within `SESSION_IDLE_MINUTES`. A use may have been
 * noted up to five minutes before the last one, so an unused session ends up to five minutes late, and never early.
 */
export function isInUse(): Sql {
  const { sessionIdleMinutes } = getConfig().auth;
  const ms = sessionIdleMinutes === null ? null : sessionIdleMinutes * 60_000 + NOTE_USE_EVERY_MS;
  return sql`LEAST(expires_at, seen_at + ${ms}::float8 * interval '1 millisecond') > now()`;
}

/**
 * Finds a token's user. The token's session must be live. A token without a session was made by the operator, or before
 * there were sessions. It is valid unless the user has signed out everywhere since.
 */
async function findUser({ sub, sid, auth_time, iat }: Claims): Promise<UserActor | null> {
  const session = sid ?? null;
  const [row] = await query(
    'mint',
    sql<{ id: string; email: string; seen_at: Date | null }>`SELECT u.id, u.email, s.seen_at FROM users u
      LEFT JOIN sessions s ON s.id = ${session}::uuid AND s.user_id = u.id AND s.ended_at IS NULL
        AND ${isInUse()}
      WHERE u.id = ${sub}::uuid AND CASE WHEN ${session}::uuid IS NOT NULL THEN s.id IS NOT NULL
        ELSE u.signed_out_at IS NULL OR u.signed_out_at < to_timestamp(${auth_time ?? iat ?? 0}::float8) END`,
  );
  if (row === undefined) return null;
  if (row.seen_at !== null && Date.now() - row.seen_at.getTime() > NOTE_USE_EVERY_MS) await noteUse(session);
  return { type: 'user', id: row.id, label: row.email };
}

/** Notes that a session is in use. A failure is no reason to refuse the request. */
async function noteUse(session: string | null): Promise<void> {
  await query(
    'mint',
    sql`UPDATE sessions SET seen_at = now() WHERE id = ${session}::uuid RETURNING id`,
  ).catch((error: unknown) => log.warn({ err: error }, 'the use of a session could not be noted'));
}

/** True if a token with these claims would authenticate its user now. */
export async function isLive(claims: unknown): Promise<boolean> {
  const parsed = Claims.safeParse(claims);
  return parsed.success && (await findUser(parsed.data)) !== null;
}

/**
 * Authenticates a user by bearer token or, if none was sent, by session cookie. An invalid bearer token is an error
 * even if the cookie is valid. Each call reads the user from the database, so a removed user is rejected immediately.
 *
 * @returns the user and how they were authenticated; if `via` is `cookie`, the caller must check that the request
 *   doesn't come from another site
 * @throws {Problem} `unauthenticated`
 */
export async function authenticateUser(credentials: {
  /** The credential from an `Authorization: Bearer` header, or `null` if none was sent. */
  bearer: string | null;
  cookies: readonly Cookie[];
}): Promise<{
  actor: UserActor;
  via: 'bearer' | 'cookie';
  verifiedEmail: VerifiedEmail;
  /** The session's id. `undefined` for a token without a session. */
  sessionId: string | undefined;
}> {
  const { publicUrl } = getConfig();
  const { bearer, cookies } = credentials;
  const via = bearer === null ? 'cookie' : 'bearer';
  const jwt = bearer ?? readSessionCookie(cookies, sessionCookieName(publicUrl));
  const claims = jwt === null ? null : await readClaims(jwt);
  const actor = claims === null ? null : await findUser(claims);
  if (actor === null || claims === null)
    throw new Problem(
      'unauthenticated',
      via === 'bearer' ? 'The bearer token is not a valid user token.' : 'Sign in, or send a user token.',
    );
  return { actor, via, verifiedEmail: claims.verified_email, sessionId: claims.sid };
}

/** A workspace together with the calling user's role in it. */
export type Membership = { id: string; slug: string; name: string; role: Role };

/**
 * Finds a workspace and the user's role in it. Reads the database every time, so removing a member is effective from
 * their next request. Uses `pg`, because mints wait for this query and Prisma would need two round trips.
 *
 * @returns `null` for an unknown workspace as well as for one this user doesn't belong to, because the user must not be
 *   able to tell the two apart
 */
export async function findWorkspaceForUser(slug: string, userId: string): Promise<Membership | null> {
  if (!Slug.safeParse(slug).success) return null;
  const [membership] = await query(
    'mint',
    sql<Membership>`SELECT w.id, w.slug, w.name, m.role::text AS role
      FROM workspaces w JOIN memberships m ON m.workspace_id = w.id
      WHERE w.slug = ${slug} AND m.user_id = ${userId}::uuid`,
  );
  return membership ?? null;
}

/** @throws {Problem} `forbidden` if the member's role is lower than `least` */
export function requireRole(membership: Pick<Membership, 'role'>, least: Role): void {
  if (!hasRole(membership.role, least))
    throw new Problem(
      'forbidden',
      `This needs the role "${least}" in this workspace; yours is "${membership.role}".`,
    );
}

/**
 * Checks again, outside a transaction, that a user is still authorized while their request is running.
 *
 * @throws {Problem} the same problem a new request would get: `not_found` for a user who isn't a member, `forbidden`
 *   for a role lower than `least`
 */
export async function requireMembership(workspaceId: string, userId: string, least: Role): Promise<void> {
  const [membership] = await query(
    'mint',
    sql<{ role: Role }>`SELECT role::text AS role FROM memberships
      WHERE workspace_id = ${workspaceId}::uuid AND user_id = ${userId}::uuid`,
  );
  if (membership === undefined) throw notFound();
  requireRole(membership, least);
}

/**
 * True if the user is an admin right now; false otherwise. Locks the membership until commit, so the role can't change
 * in between. The role may have been revoked since the request began, for example while GitHub took seconds to respond.
 */
export async function isAdmin(tx: Transaction, workspaceId: string, userId: string): Promise<boolean> {
  const [membership] = await query(
    tx,
    sql<{ role: Role }>`
      SELECT role::text AS role FROM memberships
      WHERE workspace_id = ${workspaceId}::uuid AND user_id = ${userId}::uuid FOR SHARE`,
  );
  return membership !== undefined && hasRole(membership.role, 'admin');
}

/**
 * Requires the actor to be an admin, or the system itself, such as the operator's CLI. Locks an admin's membership
 * until commit.
 *
 * @throws {Problem} `forbidden`
 */
export async function requireAdmin(tx: Transaction, workspaceId: string, actor: Actor): Promise<void> {
  if (actor.type === 'system') return;
  if (actor.type === 'user' && (await isAdmin(tx, workspaceId, actor.id))) return;
  throw new Problem('forbidden', 'This needs the role "admin" in this workspace.');
}
