import { expect, it } from 'vitest';
import {
  authCookies,
  readSessionCookie,
  remainingSessionAge,
  SESSION_MAX_AGE_SECONDS,
  sessionCookieName,
} from './session';

const NAME = 'next-auth.session-token';

it('accepts only the __Host- cookie over https, which no sibling subdomain can plant', () => {
  expect(sessionCookieName('https://app.example')).toBe(`__Host-${NAME}`);
  expect(sessionCookieName('http://localhost:3000')).toBe(NAME);
  for (const name of [NAME, `__Secure-${NAME}`, `__Secure-${NAME}.0`])
    expect(
      readSessionCookie([{ name, value: 'planted' }], sessionCookieName('https://app.example')),
    ).toBeNull();
});

it('joins a long session’s chunks in order', () => {
  const cookies = [
    { name: `${NAME}.1`, value: 'b' },
    { name: 'other', value: 'x' },
    { name: `${NAME}.0`, value: 'a' },
    { name: `${NAME}.2`, value: 'c' },
    { name: `${NAME}.x`, value: 'y' },
  ];
  expect(readSessionCookie(cookies, NAME)).toBe('abc');
  const forged = Array.from({ length: 1000 }, (_, n) => ({ name: `${NAME}.${n}`, value: 'x' }));
  expect(readSessionCookie(forged, NAME)).toHaveLength(8);
});

it('prefers a whole cookie to chunks, and reads nothing from an empty cookie', () => {
  expect(
    readSessionCookie(
      [
        { name: NAME, value: 'whole' },
        { name: `${NAME}.0`, value: 'a' },
      ],
      NAME,
    ),
  ).toBe('whole');
  expect(readSessionCookie([{ name: NAME, value: '' }], NAME)).toBeNull();
  expect(readSessionCookie([], NAME)).toBeNull();
  expect(readSessionCookie([{ name: `${NAME}.1`, value: 'b' }], NAME)).toBeNull();
});

it('gives every sign-in cookie a name that only this host can set', () => {
  const cookies = Object.values(authCookies('https://app.example'));
  expect(cookies).toHaveLength(6);
  for (const { name, options } of cookies) {
    expect(name).toMatch(/^__Host-next-auth\./);
    // Browsers accept the prefix only for a cookie with `Secure`, `Path=/` and no `Domain`.
    expect(options).toMatchObject({ httpOnly: true, secure: true, path: '/', sameSite: 'lax' });
    expect(options).not.toHaveProperty('domain');
  }
  expect(authCookies('http://localhost:3000').sessionToken?.name).toBe(NAME);
  const { state, pkceCodeVerifier } = authCookies('https://app.example');
  for (const cookie of [state, pkceCodeVerifier]) expect(cookie?.options).toMatchObject({ maxAge: 900 });
});

it('counts a session’s age from the sign-in, however often the JWT is renewed', () => {
  expect(remainingSessionAge(1000, 1000)).toBe(SESSION_MAX_AGE_SECONDS);
  expect(remainingSessionAge(1000, 1000 + 3600)).toBe(SESSION_MAX_AGE_SECONDS - 3600);
  expect(remainingSessionAge(1000, 1000 + SESSION_MAX_AGE_SECONDS + 5)).toBe(0);
});

it('limits a session to the maximum, even if the sign-in lies in the future', () => {
  expect(remainingSessionAge(5000, 1000)).toBe(SESSION_MAX_AGE_SECONDS);
});
