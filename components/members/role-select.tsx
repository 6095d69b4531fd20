import type { Role } from '@/lib/contract/members';
import { cn } from '../ui/cn';
import { controlProps, Select } from '../ui/field';

export const ROLE_NAMES: Readonly<Record<Role, string>> = {
  member: 'Member',
  admin: 'Admin',
  owner: 'Owner',
};

/**
 * An explanation of each role. Shown below the select rather than in its options, which a narrow screen would cut off.
 */
const MEANINGS: Record<Role, string> = {
  member: 'Members see connections and people.',
  admin: 'Admins also connect GitHub, manage keys and people, and read the audit log.',
  owner: 'Owners can also add and remove other owners.',
};

type RoleSelectProps = { id: string; roles: readonly Role[]; current: Role };

/** Selects a role. Needs a {@link RoleHint} with the same `id` on the page. */
export function RoleSelect({ id, roles, current }: RoleSelectProps) {
  return (
    <Select {...controlProps(id, { hint: true })} name="role" defaultValue={current} key={current}>
      {roles.map((role) => (
        <option key={role} value={role}>
          {ROLE_NAMES[role]}
        </option>
      ))}
    </Select>
  );
}

type RoleHintProps = Pick<RoleSelectProps, 'id' | 'roles'> & { className?: string };

export function RoleHint({ id, roles, className }: RoleHintProps) {
  return (
    <p id={`${id}-hint`} className={cn('text-13 text-muted', className)}>
      {roles.map((role) => MEANINGS[role]).join(' ')}
    </p>
  );
}
