import { revokeApiKey } from '@/lib/api-keys/manage';
import { ApiKeyParams } from '@/lib/contract/api-keys';
import { route } from '@/lib/http/route';

export const DELETE = route(
  {
    access: 'admin',
    limits: { address: 'api' },
    params: ApiKeyParams,
    id: 'revokeApiKey',
    tag: 'API keys',
    summary: 'Revoke an API key',
    answer: { status: 204, description: 'Its next request is refused.' },
  },
  async ({ workspace, actor, context, params }) => {
    await revokeApiKey({ workspaceId: workspace.id, actor, origin: context }, params.id);
  },
);
