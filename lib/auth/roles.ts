import { ROLES, type Role } from '../contract/members';

/** Whether `role` may do what `least` may: roles are ordered, and each may do what the ones before it may. */
export function hasRole(role: Role, least: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(least);
}
