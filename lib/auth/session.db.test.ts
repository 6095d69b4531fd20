import { randomUUID } from 'node:crypto';
import { encode } from 'next-auth/jwt';
import { describe, expect, it } from 'vitest';
import { getConfig } from '../config';
import { getDb } from '../db/client';
import { authenticateUser } from './session';
import { makeUser, startTestApp } from './test-fixtures';

await startTestApp();

const COOKIE = 'next-auth.session-token';
const { secret } = getConfig().auth;
const jwtOf = (sub: string, options: { maxAge?: number; secret?: string; salt?: string } = {}) =>
  encode({ token: { sub }, secret, ...options });
const bearer = (jwt: string) => ({ bearer: jwt, cookies: [] });
const cookie = (value: string, name = COOKIE) => ({ bearer: null, cookies: [{ name, value }] });
const unauthenticated = { code: 'unauthenticated' };

describe('a user token', () => {
  it('accepts a user token as bearer token and as session cookie, and reports which it was', async () => {
    const actor = await makeUser();
    const jwt = await jwtOf(actor.id);
    expect(await authenticateUser(bearer(jwt))).toEqual({ actor, via: 'bearer' });
    expect(await authenticateUser(cookie(jwt))).toEqual({ actor, via: 'cookie' });
  });

  it('accepts a session cookie that next-auth split into chunks', async () => {
    const actor = await makeUser();
    const jwt = await jwtOf(actor.id);
    const cookies = [
      { name: `${COOKIE}.1`, value: jwt.slice(100) },
      { name: `${COOKIE}.0`, value: jwt.slice(0, 100) },
    ];
    expect(await authenticateUser({ bearer: null, cookies })).toEqual({ actor, via: 'cookie' });
  });

  it('prefers the bearer token, so no cookie makes up for an invalid one', async () => {
    const [mine, theirs] = [await makeUser(), await makeUser()];
    const cookies = [{ name: COOKIE, value: await jwtOf(mine.id) }];
    for (const bad of ['nonsense', '', `psk_dev_${'a'.repeat(38)}`])
      await expect(authenticateUser({ bearer: bad, cookies })).rejects.toMatchObject(unauthenticated);
    const both = await authenticateUser({ bearer: await jwtOf(theirs.id), cookies });
    expect(both).toEqual({ actor: theirs, via: 'bearer' });
  });

  it('rejects a user token that is expired, tampered with, or made with another secret or salt', async () => {
    const { id } = await makeUser();
    const good = await jwtOf(id);
    const bad = [
      await jwtOf(id, { maxAge: -60 }),
      await jwtOf(id, { secret: randomUUID() }),
      // next-auth encrypts its state, PKCE and nonce cookies with the cookie's name as salt, so they can't pass for a
      // session.
      await jwtOf(id, { salt: 'next-auth.state' }),
      `${good.slice(0, -2)}${good.endsWith('AA') ? 'BB' : 'AA'}`,
      // An unsigned JWT.
      `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify({ sub: id })).toString('base64url')}.`,
    ];
    for (const jwt of bad) {
      await expect(authenticateUser(bearer(jwt))).rejects.toMatchObject(unauthenticated);
      await expect(authenticateUser(cookie(jwt))).rejects.toMatchObject(unauthenticated);
    }
  });

  it('rejects a user token whose subject is unknown or was removed', async () => {
    const { id } = await makeUser();
    const jwt = await jwtOf(id);
    await authenticateUser(bearer(jwt));
    await getDb().user.delete({ where: { id } });
    await expect(authenticateUser(bearer(jwt))).rejects.toMatchObject(unauthenticated);
    for (const sub of ['', 'nonsense', randomUUID(), "' OR 1=1"])
      await expect(authenticateUser(bearer(await jwtOf(sub)))).rejects.toMatchObject(unauthenticated);
    const withoutSubject = await encode({ token: { email: 'x@acme.test' }, secret });
    await expect(authenticateUser(bearer(withoutSubject))).rejects.toMatchObject(unauthenticated);
  });
});

it('rejects a request without credentials, and a cookie with another name', async () => {
  const jwt = await jwtOf((await makeUser()).id);
  await expect(authenticateUser({ bearer: null, cookies: [] })).rejects.toMatchObject(unauthenticated);
  for (const name of [`__Secure-${COOKIE}`, 'session', `${COOKIE}.x`])
    await expect(authenticateUser(cookie(jwt, name))).rejects.toMatchObject(unauthenticated);
});

it('reports an unreachable database as an error, not as a failed authentication', async () => {
  const jwt = await jwtOf((await makeUser()).id);
  await getDb()
    .$executeRaw`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database() AND usename = current_user`;
  const outcome = await authenticateUser(bearer(jwt)).catch((error: unknown) => error);
  expect(outcome).not.toMatchObject(unauthenticated);
});
