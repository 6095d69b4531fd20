/** The sessions of users: one for each sign-in. A session's JWT names it, so the database can end it. */
import type { RequestOrigin } from '../actor';
import { getDb } from '../db/client';
import { execute, query, sql } from '../db/sql';
import { isUuid } from '../db/uuid';
import { isInUse, SESSION_MAX_AGE_SECONDS } from './session';

/** The longest stored user agent. A client may send any text. */
const MAX_USER_AGENT_CHARACTERS = 300;

/** The address and browser of a sign-in. */
export type SignInOrigin = Pick<RequestOrigin, 'clientIp' | 'userAgent'>;

/**
 * Stores a new session.
 *
 * @param method the provider's id in next-auth
 * @returns the session's id
 */
export async function beginSession(userId: string, method: string, origin: SignInOrigin): Promise<string> {
  const { id } = await getDb().session.create({
    data: {
      userId,
      method,
      expiresAt: new Date(Date.now() + SESSION_MAX_AGE_SECONDS * 1000),
      clientIp: origin.clientIp,
      userAgent: origin.userAgent?.slice(0, MAX_USER_AGENT_CHARACTERS) ?? null,
    },
    select: { id: true },
  });
  return id;
}

export type SessionView = {
  id: string;
  method: string;
  created_at: string;
  seen_at: string;
  expires_at: string;
  client_ip: string | null;
  user_agent: string | null;
};

type Times = 'created_at' | 'seen_at' | 'expires_at';
type SessionRow = Omit<SessionView, Times> & Record<Times, Date>;

/** The sessions that a page lists, the latest first. */
const MOST_LISTED = 100;

/** Lists a user's live sessions. */
export async function listSessions(userId: string): Promise<SessionView[]> {
  const rows = await query(
    'work',
    sql<SessionRow>`SELECT id, method, created_at, seen_at, expires_at, host(client_ip) AS client_ip, user_agent FROM sessions
      WHERE user_id = ${userId}::uuid AND ended_at IS NULL AND ${isInUse()}
      ORDER BY sessions.seen_at DESC LIMIT ${MOST_LISTED}::int`,
  );
  return rows.map(({ created_at, seen_at, expires_at, ...rest }) => ({
    ...rest,
    created_at: created_at.toISOString(),
    seen_at: seen_at.toISOString(),
    expires_at: expires_at.toISOString(),
  }));
}

/**
 * Ends a session. Its next request is refused.
 *
 * @returns false if the user has no such live session
 */
export async function endSession(userId: string, id: string): Promise<boolean> {
  if (!isUuid(id)) return false;
  const ended = await execute(
    getDb(),
    sql`UPDATE sessions SET ended_at = now()
      WHERE id = ${id}::uuid AND user_id = ${userId}::uuid AND ended_at IS NULL AND ${isInUse()}`,
  );
  return ended > 0;
}

/**
 * Ends all sessions of a user, and every user token that was issued until now without a session.
 *
 * @returns the number of sessions that were live
 */
export async function endAllSessions(userId: string): Promise<number> {
  // One statement, so that no session is left by a failure between two.
  const [row] = await query(
    getDb(),
    sql<{ live: number }>`WITH ended AS (UPDATE sessions SET ended_at = now()
        WHERE user_id = ${userId}::uuid AND ended_at IS NULL RETURNING ${isInUse()} AS was_live)
      UPDATE users SET signed_out_at = now() WHERE id = ${userId}::uuid
      RETURNING (SELECT count(*) FILTER (WHERE was_live) FROM ended)::int AS live`,
  );
  return row?.live ?? 0;
}

export type SignInMethod = { provider: string; since: string };

/** Lists the accounts that a user signs in with. */
export async function listSignInMethods(userId: string): Promise<SignInMethod[]> {
  const rows = await getDb().identity.findMany({
    where: { userId },
    orderBy: { createdAt: 'asc' },
    select: { provider: true, createdAt: true },
  });
  return rows.map(({ provider, createdAt }) => ({ provider, since: createdAt.toISOString() }));
}
