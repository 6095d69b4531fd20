import type { ReactNode } from 'react';
import type { AuditDetails } from '@/lib/contract/audit-types';
import type { ReversibleType } from '@/lib/workspace/reversals';
import type { UndoableEvent } from '@/lib/workspace/undo';
import { ROLE_NAMES } from '../members/role-select';
import { UntrustedText } from '../ui/untrusted-text';

const RESTORES: { [T in ReversibleType]: (details: AuditDetails<T>) => ReactNode } = {
  'member.role_changed': ({ email, from }) => (
    <>
      Makes <bdi>{email}</bdi> {ROLE_NAMES[from].toLowerCase()} again
    </>
  ),
  'member.invitation_revoked': ({ email, role }) => (
    <>
      Invites <bdi>{email}</bdi> as {ROLE_NAMES[role].toLowerCase()} again, by a new link
    </>
  ),
  'workspace.renamed': ({ from }) => (
    <>
      Names it <UntrustedText>{from}</UntrustedText> again
    </>
  ),
  'workspace.api_keys_forbidden': () => 'Allows them again',
  'workspace.api_keys_allowed': () => 'Forbids them again',
};

/** Returns what undoing an event does, in words. */
export function describeUndo<T extends ReversibleType>({ type, details }: UndoableEvent<T>): ReactNode {
  return RESTORES[type](details);
}
