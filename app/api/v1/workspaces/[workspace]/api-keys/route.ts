import { NextResponse } from 'next/server';
import { listApiKeys } from '@/lib/api-keys/list';
import { createApiKey } from '@/lib/api-keys/manage';
import { ApiKeysQuery, CreateApiKey } from '@/lib/contract/api-keys';
import { route } from '@/lib/http/route';

export const GET = route(
  { auth: 'user', workspace: 'admin', rateLimit: 'api', query: ApiKeysQuery },
  ({ workspace, query }) => listApiKeys(workspace.id, query),
);

export const POST = route(
  { auth: 'user', workspace: 'admin', rateLimit: 'api', body: CreateApiKey },
  async ({ workspace, actor, context, body }) => {
    const created = await createApiKey({ workspaceId: workspace.id, actor, origin: context }, body);
    return NextResponse.json(created, { status: 201 });
  },
);
