import { expect, it } from 'vitest';
import { remainingSessionAge, SESSION_MAX_AGE } from './user-jwt';

it('counts from the sign-in, however often the session is written anew', () => {
  expect(remainingSessionAge(1000, 1000)).toBe(SESSION_MAX_AGE);
  expect(remainingSessionAge(1000, 1000 + 3600)).toBe(SESSION_MAX_AGE - 3600);
  expect(remainingSessionAge(1000, 1000 + SESSION_MAX_AGE + 5)).toBe(0);
});

it('is never longer than the maximum, even for a sign-in from the future', () => {
  expect(remainingSessionAge(5000, 1000)).toBe(SESSION_MAX_AGE);
});
