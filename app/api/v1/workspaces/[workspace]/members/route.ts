import { NextResponse } from 'next/server';
import { InviteMember } from '@/lib/contract/members';
import { route } from '@/lib/http/route';
import { createInvitation } from '@/lib/workspace/invitations';
import { findMember, listMembers } from '@/lib/workspace/list-members';

export const GET = route({ auth: 'user', workspace: 'admin', rateLimit: 'api' }, async ({ workspace }) => ({
  data: await listMembers(workspace.id),
  next_cursor: null,
}));

export const POST = route(
  { auth: 'user', workspace: 'admin', rateLimit: 'api', body: InviteMember },
  async ({ workspace, actor, context, body }) => {
    const by = { workspaceId: workspace.id, actor, origin: context };
    const { id } = await createInvitation(by, body.email, body.role);
    return NextResponse.json(await findMember(workspace.id, id), { status: 201 });
  },
);
