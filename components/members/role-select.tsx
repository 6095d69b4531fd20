import type { Role } from '@/lib/contract/members';
import { cn } from '../ui/cn';
import { describedBy } from '../ui/field';
import { Select } from '../ui/select';

const NAMES: Record<Role, string> = { member: 'Member', admin: 'Admin', owner: 'Owner' };

/** What each role may do. Not in the options, which a narrow screen cuts off. */
const MEANINGS: Record<Role, string> = {
  member: 'Members see connections and people.',
  admin: 'Admins also connect GitHub, manage keys and people, and read the audit log.',
  owner: 'Owners also decide who owns.',
};

type RoleSelectProps = { id: string; roles: readonly Role[]; current: Role };

/** To be used with a `RoleHint` of the same `id`. */
export function RoleSelect({ id, roles, current }: RoleSelectProps) {
  return (
    <Select
      id={id}
      name="role"
      defaultValue={current}
      key={current}
      aria-describedby={describedBy(id, { hint: true })}
    >
      {roles.map((role) => (
        <option key={role} value={role}>
          {NAMES[role]}
        </option>
      ))}
    </Select>
  );
}

type RoleHintProps = Pick<RoleSelectProps, 'id' | 'roles'> & { className?: string };

export function RoleHint({ id, roles, className }: RoleHintProps) {
  return (
    <p id={`${id}-hint`} className={cn('text-[13px] text-muted', className)}>
      {roles.map((role) => MEANINGS[role]).join(' ')}
    </p>
  );
}
