'use server';

import { z } from 'zod';
import { countedQuery } from '@/app/counted-notice';
import { ChangeMember, InviteMember } from '@/lib/contract/members';
import { SelectedIds } from '@/lib/contract/selection';
import { action } from '@/lib/http/action';
import type { Problem } from '@/lib/problem';
import {
  createInvitation,
  renewInvitation,
  revokeInvitation,
  revokeInvitations,
} from '@/lib/workspace/invitations';
import { changeMemberRole, listMembers, removeMember } from '@/lib/workspace/members';
import { eventOf } from '@/lib/workspace/undo';
import { UndoFields, undo } from '../../undo';
import { MEMBER_PAGE } from './notices';

const Person = z.object({ id: z.string() });

type Refused = { by: { workspaceId: string }; input: object };

/**
 * Returns the notice for a change that was refused. A 403 has two possible causes: the workspace would lose its last
 * owner, or only owners can make this change.
 */
async function refused({ code, errors }: Problem, { by, input }: Refused) {
  if (code === 'invalid_request') return errors === undefined ? 'too_many' : 'already_member';
  if (code !== 'forbidden') return undefined;
  const members = await listMembers(by.workspaceId);
  const owners = members.filter(({ status, role }) => status === 'active' && role === 'owner');
  return owners.length === 1 && 'id' in input && owners[0]?.id === input.id ? 'last_owner' : 'owners_only';
}

const SPEC = { access: 'admin', page: MEMBER_PAGE, refused } as const;

export const invite = action(
  { ...SPEC, input: z.object(InviteMember.shape), invalid: 'bad_email' },
  async ({ by, input }) => {
    const { id, hasReplaced } = await createInvitation(by, input.email, input.role);
    return { notice: hasReplaced ? 'invited_again' : 'invited', invitation: id };
  },
);

export const changeRole = action(
  { ...SPEC, input: Person.extend(ChangeMember.shape), invalid: 'gone' },
  async ({ by, input }) => {
    await changeMemberRole(by, input.id, input.role);
    return { notice: 'role_changed', event: await eventOf(by, 'member.role_changed') };
  },
);

export const remove = action({ ...SPEC, input: Person }, async ({ by, input }) => {
  await removeMember(by, input.id);
  // Members who have just removed themselves aren't allowed to see this page any longer.
  return input.id === by.actor.id ? '/' : { notice: 'removed' };
});

/** Gives an invitation a new link. The old one ends. */
export const renew = action({ ...SPEC, input: Person }, async ({ by, input }) => {
  const { id } = await renewInvitation(by, input.id);
  return { notice: 'renewed', invitation: id };
});

export const revokeInvited = action({ ...SPEC, input: Person }, async ({ by, input }) => {
  await revokeInvitation(by, input.id);
  return { notice: 'invitation_revoked', event: await eventOf(by, 'member.invitation_revoked') };
});

/** Revokes the selected invitations. */
export const revokeSelected = action(
  { ...SPEC, input: z.object({ id: SelectedIds }) },
  async ({ by, input }) => {
    const revoked = await revokeInvitations(by, input.id);
    return countedQuery({ revoked, already: input.id.length - revoked });
  },
);

/** Undoes a change of a role, or invites again. */
export const undoPeople = action({ ...SPEC, input: UndoFields }, undo);
