import type { Role } from '@/lib/contract/members';
import { Select } from '../ui/select';

/** What each role may do, in the words of the form. */
const MEANINGS: Record<Role, string> = {
  member: 'Member: sees connections and people',
  admin: 'Admin: connects, manages keys and people, reads the audit log',
  owner: 'Owner: as an admin, and decides who owns',
};

type RoleSelectProps = { id: string; roles: readonly Role[]; current: Role };

export function RoleSelect({ id, roles, current }: RoleSelectProps) {
  return (
    <Select id={id} name="role" defaultValue={current} key={current}>
      {roles.map((role) => (
        <option key={role} value={role}>
          {MEANINGS[role]}
        </option>
      ))}
    </Select>
  );
}
