import { expect, it } from 'vitest';
import { Email, hasRole, ROLES } from './members';

it('lets each role do what the roles below it may, and nothing above', () => {
  const allowed = ROLES.map((role) => ROLES.filter((least) => hasRole(role, least)));
  expect(allowed).toEqual([['member'], ['member', 'admin'], ['member', 'admin', 'owner']]);
});

it('accepts an address in any letter case, and refuses characters whose lower case is a letter of another address', () => {
  expect(Email.parse(' Mike@Acme.Test ')).toBe('mike@acme.test');
  // U+212A (Kelvin sign) and U+0130 (dotted I) contain an ASCII letter in lower case.
  for (const address of ['mi\u212ae@acme.test', 'mike@\u212aacme.test', 'm\u0130ke@acme.test'])
    expect(Email.safeParse(address).success).toBe(false);
});
