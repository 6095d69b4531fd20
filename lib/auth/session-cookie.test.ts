import { expect, it } from 'vitest';
import { readSessionCookie, sessionCookieName } from './session-cookie';

const NAME = 'next-auth.session-token';

it('takes only the __Secure- cookie over https', () => {
  expect(sessionCookieName('https://app.example')).toBe(`__Secure-${NAME}`);
  expect(sessionCookieName('http://localhost:3000')).toBe(NAME);
  expect(
    readSessionCookie([{ name: NAME, value: 'planted' }], sessionCookieName('https://app.example')),
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
