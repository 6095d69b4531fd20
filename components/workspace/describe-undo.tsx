import type { ReactNode } from 'react';
import type { AuditDetails } from '@/lib/contract/audit-types';
import type { Role } from '@/lib/contract/members';
import type { ReversibleType } from '@/lib/workspace/reversals';
import type { UndoableEvent } from '@/lib/workspace/undo';
import { UntrustedText } from '../ui/untrusted-text';

const A_ROLE: Readonly<Record<Role, string>> = { member: 'a member', admin: 'an admin', owner: 'an owner' };

const RESTORES: { [T in ReversibleType]: (details: AuditDetails<T>) => ReactNode } = {
  'member.role_changed': ({ email, from }) => (
    <>
      makes <bdi>{email}</bdi> {A_ROLE[from]} again
    </>
  ),
  'member.invitation_revoked': ({ email, role }) => (
    <>
      invites <bdi>{email}</bdi> as {A_ROLE[role]} again, by a new link
    </>
  ),
  'workspace.renamed': ({ from }) => (
    <>
      names it <UntrustedText>{from}</UntrustedText> again
    </>
  ),
  'workspace.api_keys_forbidden': () => 'allows them again',
  'workspace.api_keys_allowed': () => 'forbids them again',
};

/** Returns what undoing an event does, in words. */
export function describeUndo<T extends ReversibleType>({ type, details }: UndoableEvent<T>): ReactNode {
  return RESTORES[type](details);
}
