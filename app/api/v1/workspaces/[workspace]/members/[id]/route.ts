import { ChangeMember, MemberParams } from '@/lib/contract/members';
import { route } from '@/lib/http/route';
import { revokeInvitation } from '@/lib/workspace/invitations';
import { findMember } from '@/lib/workspace/list-members';
import { changeMemberRole, removeMember } from '@/lib/workspace/members';

export const PATCH = route(
  { auth: 'user', workspace: 'admin', rateLimit: 'api', params: MemberParams, body: ChangeMember },
  async ({ workspace, actor, context, params, body }) => {
    await changeMemberRole({ workspaceId: workspace.id, actor, origin: context }, params.id, body.role);
    return findMember(workspace.id, params.id);
  },
);

/** Of a member, or of an invitation that waits. */
export const DELETE = route(
  { auth: 'user', workspace: 'admin', rateLimit: 'api', params: MemberParams },
  async ({ workspace, actor, context, params }) => {
    const by = { workspaceId: workspace.id, actor, origin: context };
    const { status } = await findMember(workspace.id, params.id);
    if (status === 'invited') await revokeInvitation(by, params.id);
    else await removeMember(by, params.id);
    return new Response(null, { status: 204 });
  },
);
