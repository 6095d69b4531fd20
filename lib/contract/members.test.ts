import { expect, it } from 'vitest';
import { Email, hasRole, ROLES } from './members';

it('lets each role do what lower roles may do, but nothing beyond', () => {
  const allowed = ROLES.map((role) => ROLES.filter((least) => hasRole(role, least)));
  expect(allowed).toEqual([['member'], ['member', 'admin'], ['member', 'admin', 'owner']]);
});

it('accepts an address in any letter case, and rejects characters that lower-case to an ASCII letter', () => {
  expect(Email.parse(' Mike@Acme.Test ')).toBe('mike@acme.test');
  // Lower-casing U+212A (the Kelvin sign) or U+0130 (dotted I) would yield an ASCII letter, and so somebody else's
  // address.
  for (const address of ['mi\u212ae@acme.test', 'mike@\u212aacme.test', 'm\u0130ke@acme.test'])
    expect(Email.safeParse(address).success).toBe(false);
});
