import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { getConfig } from '../config';
import { getDb } from '../db/client';
import { getAuthOptions } from './options';
import { authenticateUser } from './session';
import { endAllSessions, listSessions } from './sessions';
import { TestBrowser } from './test-browser';
import { startTestApp } from './test-fixtures';

await startTestApp({ SESSION_IDLE_MINUTES: '30' });
const SESSION_COOKIE = 'next-auth.session-token';

/** A signed-in browser whose session was last used so many minutes ago. */
async function unusedFor(minutes: number) {
  const visitor = new TestBrowser(
    getAuthOptions([], { clientIp: null, userAgent: null }),
    getConfig().publicUrl,
  );
  await visitor.devLogin(`${randomUUID()}@acme.test`);
  const cookie = visitor.cookies.get(SESSION_COOKIE) ?? '';
  const { actor, sessionId = '' } = await authenticateUser({ bearer: cookie, cookies: [] });
  await getDb().session.update({
    where: { id: sessionId },
    data: { seenAt: new Date(Date.now() - minutes * 60_000) },
  });
  return { visitor, cookie, userId: actor.id };
}

const isAccepted = (bearer: string) =>
  authenticateUser({ bearer, cookies: [] }).then(
    () => true,
    (error: { code?: string }) => error.code !== 'unauthenticated',
  );

it('a session that was not used for the time that the operator sets is refused and not listed', async () => {
  const { cookie, userId } = await unusedFor(36);
  expect(await isAccepted(cookie)).toBe(false);
  expect(await listSessions(userId)).toEqual([]);
  // A refused request is no use of the session.
  expect(await isAccepted(cookie)).toBe(false);
  expect(await endAllSessions(userId)).toBe(0);
});

it('such a session is not renewed either: next-auth clears its cookie', async () => {
  const { visitor } = await unusedFor(36);
  expect((await visitor.request('GET', '/api/auth/session')).body).toEqual({});
  expect(visitor.cookies.get(SESSION_COOKIE) ?? '').toBe('');
});

// A use is noted every five minutes, so the last one may be five minutes younger than the note.
it('a session goes on that was used in that time, and its use is noted', async () => {
  const { cookie, userId } = await unusedFor(34);
  expect(await isAccepted(cookie)).toBe(true);
  const [session] = await listSessions(userId);
  expect(Date.now() - Date.parse(session?.seen_at ?? '')).toBeLessThan(20 * 60_000);
});
