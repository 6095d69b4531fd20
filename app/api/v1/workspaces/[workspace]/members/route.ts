import { InviteMember, Member } from '@/lib/contract/members';
import { listOf } from '@/lib/contract/pagination';
import { route } from '@/lib/http/route';
import { createInvitation } from '@/lib/workspace/invitations';
import { findMember, listMembers } from '@/lib/workspace/members';

export const GET = route(
  {
    access: 'admin',
    limits: { address: 'api' },
    id: 'listMembers',
    tag: 'Members',
    summary: 'List members and invitations',
    answer: { status: 200, description: 'All of them.', schema: listOf(Member) },
  },
  async ({ workspace }) => ({ data: await listMembers(workspace.id), next_cursor: null }),
);

export const POST = route(
  {
    access: 'admin',
    limits: { address: 'api' },
    body: InviteMember,
    id: 'inviteMember',
    tag: 'Members',
    summary: 'Invite a member',
    description: 'The invitation is for the person who signs in with this email. At most 200 can be pending.',
    answer: { status: 201, description: 'The invitation.', schema: Member },
  },
  async ({ workspace, actor, context, body }) => {
    const by = { workspaceId: workspace.id, actor, origin: context };
    const { id } = await createInvitation(by, body.email, body.role);
    return findMember(workspace.id, id);
  },
);
