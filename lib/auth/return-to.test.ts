import { expect, it } from 'vitest';
import { safeReturnTo } from './return-to';

it.each([
  '/',
  '/w/acme/settings/github',
  '/w/acme/audit-log?type=github.token_minted&q=a#top',
  '/sign-inner',
])('returns to %s', (path) => {
  expect(safeReturnTo(path)).toBe(path);
});

it.each([
  '//evil.example',
  '/\\evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  '/.//evil.example',
  '/x/..//evil.example',
  'https://evil.example',
  'javascript:alert(1)',
  'evil.example',
  '',
  '/sign-in',
  '/sign-in?callbackUrl=/sign-in',
  '/api/auth/signout',
  undefined,
  null,
  7,
  ['/x'],
])('goes home instead of to %j', (value) => {
  expect(safeReturnTo(value)).toBe('/');
});
