import { expect, it } from 'vitest';
import { authCookies, readSessionCookie, sessionCookieName } from './cookies';

const NAME = 'next-auth.session-token';

it('takes only the __Host- cookie over https, which no sibling subdomain can plant', () => {
  expect(sessionCookieName('https://app.example')).toBe(`__Host-${NAME}`);
  expect(sessionCookieName('http://localhost:3000')).toBe(NAME);
  for (const name of [NAME, `__Secure-${NAME}`, `__Secure-${NAME}.0`])
    expect(
      readSessionCookie([{ name, value: 'planted' }], sessionCookieName('https://app.example')),
    ).toBeNull();
});

it('puts the chunks of a long session together in their order', () => {
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

it('reads a whole cookie alone, and nothing from an emptied one', () => {
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

it('names every cookie of a sign-in so that only this host can set it', () => {
  const cookies = Object.values(authCookies('https://app.example'));
  expect(cookies).toHaveLength(6);
  for (const { name, options } of cookies) {
    expect(name).toMatch(/^__Host-next-auth\./);
    // The prefix holds in browsers only with these three.
    expect(options).toMatchObject({ httpOnly: true, secure: true, path: '/', sameSite: 'lax' });
    expect(options).not.toHaveProperty('domain');
  }
  expect(authCookies('http://localhost:3000').sessionToken?.name).toBe(NAME);
  const { state, pkceCodeVerifier } = authCookies('https://app.example');
  for (const cookie of [state, pkceCodeVerifier]) expect(cookie?.options).toMatchObject({ maxAge: 900 });
});
