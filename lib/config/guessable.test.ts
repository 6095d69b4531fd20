import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { isGuessable } from './guessable';

it.each([
  'x'.repeat(40),
  'abababababababababababababababab',
  'deadbeef'.repeat(8),
  'changeme-changeme-changeme-changeme',
  `${'password'.repeat(4)}pass`,
  '1234567890123456',
  'abcdefghijklmnopqrstuvwxyz123456',
  'zyxwvutsrqponmlkjihgfedcba987654',
  'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab',
  'your-secret-of-thirty-two-bytes!',
  'replace_with_openssl_rand_base64_32',
  '<openssl rand -hex 32>',
])('%s is guessable', (secret) => {
  expect(isGuessable(secret)).toBe(true);
});

it('no drawn secret is, in any form', () => {
  for (let n = 0; n < 2000; n++)
    for (const form of ['hex', 'base64', 'base64url'] as const)
      expect(isGuessable(randomBytes(16).toString(form))).toBe(false);
});
