'use server';

import { z } from 'zod';
import { countedQuery } from '@/app/counted-notice';
import { ChangeMember, InviteMember } from '@/lib/contract/members';
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
import { KEPT_FIELDS, KEPT_NAMES } from '../kept-fields';
import { SeveralFields } from '../several';
import { MEMBER_PAGE } from './notices';

const Person = z.object({ id: z.string(), ...KEPT_FIELDS });

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

const SPEC = { access: 'admin', page: MEMBER_PAGE, refused, keep: KEPT_NAMES } as const;

/** Invites an address. The list is searched no longer, because the search may not find the new invitation. */
export const invite = action(
  { ...SPEC, input: z.object({ ...InviteMember.shape, ...KEPT_FIELDS }), invalid: 'bad_email' },
  async ({ by, input: { email, role, ...kept } }) => {
    const { id, hasReplaced } = await createInvitation(by, email, role);
    return {
      ...kept,
      q: null,
      cursor: kept.q ? null : kept.cursor,
      notice: hasReplaced ? 'invited_again' : 'invited',
      invitation: id,
    };
  },
);

export const changeRole = action(
  { ...SPEC, input: Person.extend(ChangeMember.shape), invalid: 'gone' },
  async ({ by, input: { id, role, ...kept } }) => {
    await changeMemberRole(by, id, role);
    return { ...kept, notice: 'role_changed', event: await eventOf(by, 'member.role_changed') };
  },
);

export const remove = action({ ...SPEC, input: Person }, async ({ by, input: { id, ...kept } }) => {
  await removeMember(by, id);
  // Members who have just removed themselves aren't allowed to see this page any longer.
  return id === by.actor.id ? '/' : { ...kept, notice: 'removed' };
});

/** Gives an invitation a new link. The old one ends. */
export const renew = action({ ...SPEC, input: Person }, async ({ by, input: { id, ...kept } }) => {
  const renewed = await renewInvitation(by, id);
  return { ...kept, notice: 'renewed', invitation: renewed.id };
});

export const revokeInvited = action({ ...SPEC, input: Person }, async ({ by, input: { id, ...kept } }) => {
  await revokeInvitation(by, id);
  return { ...kept, notice: 'invitation_revoked', event: await eventOf(by, 'member.invitation_revoked') };
});

/** Revokes the selected invitations, provided that the user confirmed it. */
export const revokeSelected = action(
  { ...SPEC, input: SeveralFields, invalid: 'too_many_selected' },
  async ({ by, input: { id, confirmed, ...kept } }) => {
    if (confirmed !== 'yes') return { ...kept, notice: 'unconfirmed' };
    return { ...kept, ...countedQuery(await revokeInvitations(by, id)) };
  },
);

/** Undoes a change of a role, or invites again. */
export const undoPeople = action(
  { ...SPEC, input: UndoFields.extend(KEPT_FIELDS) },
  async ({ by, input: { event, ...kept } }) => ({ ...kept, ...(await undo({ by, input: { event } })) }),
);
