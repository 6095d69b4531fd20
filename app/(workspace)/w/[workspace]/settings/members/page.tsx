import type { Metadata } from 'next';
import { shownNotice } from '@/app/notices';
import type { SearchParams } from '@/app/search-params';
import { InvitationTable } from '@/components/members/invitation-table';
import { InviteForm } from '@/components/members/invite-form';
import { type Manageable, MemberList } from '@/components/members/member-list';
import { MembersHeader } from '@/components/members/members-header';
import { NoticeBanner } from '@/components/ui/notice';
import { getConfig } from '@/lib/config';
import { hasRole, type Member, ROLES, type Role } from '@/lib/contract/members';
import { listMembers } from '@/lib/workspace/list-members';
import { memberOf } from '../../member-of';
import { changeRole, invite, remove, takeBack } from './actions';
import { MEMBER_NOTICES } from './notices';

export const metadata: Metadata = { title: 'Members' };

type MembersProps = { params: Promise<{ workspace: string }>; searchParams: SearchParams };

export default async function MembersPage({ params, searchParams }: MembersProps) {
  const { user, workspace } = await memberOf((await params).workspace);
  const path = `/w/${workspace.slug}/settings/members`;
  const everybody = await listMembers(workspace.id);
  const members = everybody.filter(({ status }) => status === 'active');
  const invitations = everybody.filter(({ status }) => status === 'invited');
  const owners = members.filter(({ role }) => role === 'owner').length;
  const canManage = hasRole(workspace.role, 'admin');
  const roles = ROLES.filter((role) => role !== 'owner' || workspace.role === 'owner');
  const notice = shownNotice(MEMBER_NOTICES, await searchParams);

  return (
    <div className="flex flex-col gap-6">
      <MembersHeader />
      {notice ? <NoticeBanner notice={notice} dismissHref={path} /> : null}
      {canManage ? (
        <InviteForm
          action={invite.bind(null, workspace.slug)}
          roles={roles}
          joinUrl={`${getConfig().publicUrl}/new`}
        />
      ) : null}
      <MemberList
        members={members.map((member) => ({
          member,
          manageable: manageable(member, workspace.role, owners),
          isReader: member.id === user.id,
        }))}
        roles={roles}
        actions={{
          changeRole: changeRole.bind(null, workspace.slug),
          remove: remove.bind(null, workspace.slug),
        }}
      />
      {invitations.length > 0 ? (
        <InvitationTable
          invitations={invitations.map((invitation) => ({
            invitation,
            revocable: canManage && roles.includes(invitation.role),
          }))}
          revoke={takeBack.bind(null, workspace.slug)}
        />
      ) : null}
    </div>
  );
}

function manageable(member: Member, reader: Role, owners: number): Manageable {
  if (!hasRole(reader, 'admin')) return 'no';
  if (member.role !== 'owner') return 'yes';
  if (owners === 1) return 'last_owner';
  return reader === 'owner' ? 'yes' : 'owners_only';
}
