import { revokeApiKey } from '@/lib/api-keys/manage';
import { ApiKeyParams } from '@/lib/contract/api-keys';
import { route } from '@/lib/http/route';

export const DELETE = route(
  { auth: 'user', workspace: 'admin', rateLimit: 'api', params: ApiKeyParams },
  async ({ workspace, actor, context, params }) => {
    await revokeApiKey({ workspaceId: workspace.id, actor, origin: context }, params.id);
    return new Response(null, { status: 204 });
  },
);
