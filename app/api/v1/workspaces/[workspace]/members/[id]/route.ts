import { ChangeMember, Member, MemberParams } from '@/lib/contract/members';
import { route } from '@/lib/http/route';
import { revokeInvitation } from '@/lib/workspace/invitations';
import { changeMemberRole, findMember, removeMember } from '@/lib/workspace/members';

export const PATCH = route(
  {
    access: 'admin',
    limits: { address: 'api' },
    params: MemberParams,
    body: ChangeMember,
    id: 'changeMember',
    tag: 'Members',
    summary: 'Change a role',
    answer: { status: 200, description: 'The member after the change.', schema: Member },
  },
  async ({ workspace, actor, context, params, body }) => {
    await changeMemberRole({ workspaceId: workspace.id, actor, origin: context }, params.id, body.role);
    return findMember(workspace.id, params.id);
  },
);

export const DELETE = route(
  {
    access: 'admin',
    limits: { address: 'api' },
    params: MemberParams,
    id: 'removeMember',
    tag: 'Members',
    summary: 'Remove a member or revoke an invitation',
    answer: { status: 204, description: 'Their next request is refused.' },
  },
  async ({ workspace, actor, context, params }) => {
    const by = { workspaceId: workspace.id, actor, origin: context };
    const { status } = await findMember(workspace.id, params.id);
    if (status === 'invited') await revokeInvitation(by, params.id);
    else await removeMember(by, params.id);
  },
);
