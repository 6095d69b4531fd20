import { expect, it } from 'vitest';
import { hasRole, ROLES } from './members';

it('lets each role do what the roles below it may, and nothing above', () => {
  const allowed = ROLES.map((role) => ROLES.filter((least) => hasRole(role, least)));
  expect(allowed).toEqual([['member'], ['member', 'admin'], ['member', 'admin', 'owner']]);
});
