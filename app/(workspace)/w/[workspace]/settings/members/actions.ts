'use server';

import { redirect } from 'next/navigation';
import { type Failure, failureOf } from '@/app/failures';
import { formText } from '@/app/form-text';
import { hrefWith } from '@/app/search-params';
import { ChangeMember, InviteMember } from '@/lib/contract/members';
import { createInvitation, revokeInvitation } from '@/lib/workspace/invitations';
import { listMembers } from '@/lib/workspace/list-members';
import { changeMemberRole, removeMember } from '@/lib/workspace/members';
import { actingAdmin } from '../../acting-admin';
import type { MemberNotice } from './notices';

const PAGE = '/settings/members';

type Told = { notice: MemberNotice } | Failure['query'];

function back(slug: string, told: Told): never {
  redirect(hrefWith(`/w/${slug}${PAGE}`, told));
}

/** What a refusal means here, or `null` when there was none; what nobody expected is an error. */
async function refusal(work: Promise<unknown>, workspaceId: string, id?: string): Promise<Told | null> {
  try {
    await work;
    return null;
  } catch (error) {
    const { problem, query } = failureOf(error);
    if (problem.code === 'invalid_request')
      return { notice: problem.errors === undefined ? 'too_many' : 'already_member' };
    if (problem.code !== 'forbidden') return query;
  }
  const owners = (await listMembers(workspaceId)).filter(
    ({ status, role }) => status === 'active' && role === 'owner',
  );
  return { notice: owners.length === 1 && owners[0]?.id === id ? 'last_owner' : 'owners_only' };
}

export async function invite(slug: string, form: FormData): Promise<void> {
  const by = await actingAdmin(slug, PAGE);
  const wanted = InviteMember.safeParse({ email: formText(form, 'email'), role: formText(form, 'role') });
  if (!wanted.success) back(slug, { notice: 'bad_email' });
  const { email, role } = wanted.data;
  back(slug, (await refusal(createInvitation(by, email, role), by.workspaceId)) ?? { notice: 'invited' });
}

export async function changeRole(slug: string, form: FormData): Promise<void> {
  const by = await actingAdmin(slug, PAGE);
  const id = formText(form, 'id');
  const wanted = ChangeMember.safeParse({ role: formText(form, 'role') });
  if (!wanted.success) back(slug, { notice: 'gone' });
  const change = changeMemberRole(by, id, wanted.data.role);
  back(slug, (await refusal(change, by.workspaceId, id)) ?? { notice: 'role_changed' });
}

export async function remove(slug: string, form: FormData): Promise<void> {
  const by = await actingAdmin(slug, PAGE);
  const id = formText(form, 'id');
  const refused = await refusal(removeMember(by, id), by.workspaceId, id);
  // Whoever has removed themselves may not see this page any more.
  if (refused === null && id === by.actor.id) redirect('/');
  back(slug, refused ?? { notice: 'removed' });
}

export async function takeBack(slug: string, form: FormData): Promise<void> {
  const by = await actingAdmin(slug, PAGE);
  const id = formText(form, 'id');
  back(slug, (await refusal(revokeInvitation(by, id), by.workspaceId, id)) ?? { notice: 'taken_back' });
}
