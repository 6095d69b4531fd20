import { randomUUID } from 'node:crypto';
import { encode } from 'next-auth/jwt';
import { expect, it } from 'vitest';
import { getConfig } from '../config';
import { getDb } from '../db/client';
import { getAuthOptions } from './options';
import { authenticateUser } from './session';
import { endAllSessions, endSession, listSessions } from './sessions';
import { TestBrowser } from './test-browser';
import { startTestApp } from './test-fixtures';

await startTestApp();
const ORIGIN = getConfig().publicUrl;
const SESSION_COOKIE = 'next-auth.session-token';
const FROM = { clientIp: '192.0.2.44', userAgent: `Firefox ${'x'.repeat(1000)}` };

async function signedIn(email = `${randomUUID()}@acme.test`) {
  const visitor = new TestBrowser(getAuthOptions([], FROM), ORIGIN);
  await visitor.devLogin(email);
  const cookie = visitor.cookies.get(SESSION_COOKIE) ?? '';
  const { actor, sessionId = '' } = await authenticateUser({ bearer: cookie, cookies: [] });
  return { visitor, email, cookie, userId: actor.id, sessionId };
}

/** True if the JWT authenticates somebody, as a cookie and as a bearer token. */
async function isAccepted(jwt: string): Promise<boolean> {
  const ways = [
    { bearer: jwt, cookies: [] },
    { bearer: null, cookies: [{ name: SESSION_COOKIE, value: jwt }] },
  ];
  const results = await Promise.allSettled(ways.map(authenticateUser));
  const codes = results.map((each) => (each.status === 'rejected' ? each.reason.code : 'accepted'));
  expect(codes).toEqual(
    codes[0] === 'accepted' ? ['accepted', 'accepted'] : ['unauthenticated', 'unauthenticated'],
  );
  return codes[0] === 'accepted';
}

const seal = (claims: Record<string, unknown>) =>
  encode({ token: claims, secret: getConfig().auth.secret, maxAge: 3600 });

it('a session is listed with its sign-in’s method, address and browser', async () => {
  const { userId, sessionId } = await signedIn();
  expect(await listSessions(userId)).toMatchObject([
    { id: sessionId, method: 'dev-login', client_ip: '192.0.2.44', user_agent: FROM.userAgent.slice(0, 300) },
  ]);
});

it('a session is refused from the next request on when it is ended, and others are not', async () => {
  const first = await signedIn();
  const second = await signedIn(first.email);
  expect(await endSession(first.userId, first.sessionId)).toBe(true);
  expect([await isAccepted(first.cookie), await isAccepted(second.cookie)]).toEqual([false, true]);
  expect((await listSessions(first.userId)).map(({ id }) => id)).toEqual([second.sessionId]);
  expect(await endSession(first.userId, first.sessionId)).toBe(false);
});

it('a session cannot be ended by another user', async () => {
  const [victim, other] = [await signedIn(), await signedIn()];
  for (const id of [victim.sessionId, randomUUID(), 'nonsense', ''])
    expect(await endSession(other.userId, id)).toBe(false);
  expect(await isAccepted(victim.cookie)).toBe(true);
});

it('a session is not renewed once it is ended: next-auth clears its cookie', async () => {
  const { visitor, userId, sessionId } = await signedIn();
  await endSession(userId, sessionId);
  expect((await visitor.request('GET', '/api/auth/session')).body).toEqual({});
  expect(visitor.cookies.get(SESSION_COOKIE) ?? '').toBe('');
});

it('a session stays the same session when its JWT is renewed', async () => {
  const { visitor, userId, sessionId, cookie } = await signedIn();
  await visitor.request('GET', '/api/auth/session');
  const renewed = visitor.cookies.get(SESSION_COOKIE) ?? '';
  expect(renewed).not.toBe(cookie);
  expect((await authenticateUser({ bearer: renewed, cookies: [] })).sessionId).toBe(sessionId);
  await endSession(userId, sessionId);
  expect([await isAccepted(cookie), await isAccepted(renewed)]).toEqual([false, false]);
});

it('a session ends for a copy of the cookie, too, when the user signs out', async () => {
  const { visitor, cookie, userId } = await signedIn();
  await visitor.signOut();
  expect(await isAccepted(cookie)).toBe(false);
  expect(await listSessions(userId)).toEqual([]);
});

it('a session ends with all others, and with tokens that name no session, when the user signs out everywhere', async () => {
  const [first, stranger] = [await signedIn(), await signedIn()];
  const second = await signedIn(first.email);
  const bare = await seal({ sub: first.userId });
  expect(await isAccepted(bare)).toBe(true);
  await endAllSessions(first.userId);
  for (const jwt of [first.cookie, second.cookie, bare]) expect(await isAccepted(jwt)).toBe(false);
  expect(await isAccepted(stranger.cookie)).toBe(true);
  // Neither does a renewal bring such a token back.
  const visitor = new TestBrowser(getAuthOptions([]), ORIGIN);
  visitor.cookies.set(SESSION_COOKIE, bare);
  await visitor.request('GET', '/api/auth/session');
  expect(visitor.cookies.get(SESSION_COOKIE) ?? '').toBe('');
  // Signing in again works, and so does a token that is made later.
  expect(await isAccepted((await signedIn(first.email)).cookie)).toBe(true);
  await getDb().user.update({
    where: { id: first.userId },
    data: { signedOutAt: new Date(Date.now() - 60_000) },
  });
  expect(await isAccepted(await seal({ sub: first.userId }))).toBe(true);
});

it.each<[string, (own: { sessionId: string; foreign: string }) => unknown]>([
  ['unknown', () => randomUUID()],
  ['of another user', ({ foreign }) => foreign],
  ['not an id', () => 'nonsense'],
  ['empty', () => ''],
  ['null', () => null],
  ['a list', ({ sessionId }) => [sessionId]],
])('a JWT is refused whose session is %s', async (_, sid) => {
  const [own, other] = [await signedIn(), await signedIn()];
  const given = sid({ sessionId: own.sessionId, foreign: other.sessionId });
  expect(await isAccepted(await seal({ sub: own.userId, sid: given }))).toBe(false);
  expect(await isAccepted(await seal({ sub: own.userId, sid: own.sessionId }))).toBe(true);
});

it('a session ends at its own expiry and with its row, whatever its JWT says', async () => {
  const { userId, sessionId } = await signedIn();
  const jwt = await seal({ sub: userId, sid: sessionId });
  const where = { id: sessionId };
  await getDb().session.update({ where, data: { expiresAt: new Date(Date.now() - 1) } });
  expect(await isAccepted(jwt)).toBe(false);
  await getDb().session.update({ where, data: { expiresAt: new Date(Date.now() + 60_000) } });
  expect(await isAccepted(jwt)).toBe(true);
  await getDb().session.delete({ where });
  expect(await isAccepted(jwt)).toBe(false);
});

it('a session notes its use, but not at each request', async () => {
  const { userId, sessionId, cookie } = await signedIn();
  const seenAt = async () => (await listSessions(userId))[0]?.seen_at;
  const before = await seenAt();
  await isAccepted(cookie);
  expect(await seenAt()).toBe(before);
  const old = new Date(Date.now() - 6 * 60_000);
  await getDb().session.update({ where: { id: sessionId }, data: { seenAt: old } });
  await isAccepted(cookie);
  expect(Date.parse((await seenAt()) ?? '')).toBeGreaterThan(old.getTime() + 5 * 60_000);
});
