import { NextResponse } from 'next/server';
import { rotateApiKey } from '@/lib/api-keys/manage';
import { ApiKeyParams, RotateApiKey } from '@/lib/contract/api-keys';
import { route } from '@/lib/http/route';

export const POST = route(
  { auth: 'user', workspace: 'admin', rateLimit: 'api', params: ApiKeyParams, body: RotateApiKey },
  async ({ workspace, actor, context, params, body }) => {
    const by = { workspaceId: workspace.id, actor, origin: context };
    return NextResponse.json(await rotateApiKey(by, params.id, body), { status: 201 });
  },
);
