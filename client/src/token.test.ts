import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { MintedToken } from './index.js';

const SECRET = `ghs_${'a1'.repeat(20)}`;
const token = new MintedToken({
  token: SECRET,
  expires_at: '2026-01-31T10:00:00Z',
  installation_id: 60_001,
  account: { login: 'acme', type: 'Organization' },
  permissions: { contents: 'read', metadata: 'read' },
  repository_selection: 'all',
});

it('reveals the token by its value only', () => {
  expect(token.value).toBe(SECRET);
});

it.each<[string, () => unknown]>([
  ['console.log', () => inspect(token)],
  [
    'inspect of something that holds it',
    () => inspect({ deep: [new Map([['token', token]])] }, { depth: 9 }),
  ],
  ['inspect with everything shown', () => inspect(token, { showHidden: true, getters: true, depth: 9 })],
  ['inspect without our own text', () => inspect(token, { customInspect: false, showHidden: true })],
  ['JSON.stringify', () => JSON.stringify({ token })],
  ['String', () => String(token)],
  ['a template literal', () => `${token}`],
  ['concatenation', () => ['the ', token].join('')],
  ['structuredClone', () => JSON.stringify(structuredClone(token))],
  ['spreading', () => JSON.stringify({ ...token })],
  ['its entries', () => JSON.stringify(Object.entries(Object.getOwnPropertyDescriptors(token)))],
  ['an error that quotes it', () => inspect(new Error(`failed with ${token}`, { cause: token }))],
])('hides the token from %s', (_, show) => {
  const shown = String(show());
  expect(shown).not.toContain(SECRET);
  // Something was shown, namely the rest.
  expect(shown).toMatch(/acme|2026|failed/);
});
