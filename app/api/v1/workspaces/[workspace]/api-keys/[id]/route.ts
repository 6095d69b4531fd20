import { revokeApiKey } from '@/lib/api-keys/manage';
import { updateApiKey } from '@/lib/api-keys/update';
import { ApiKey, ApiKeyParams, UpdateApiKey } from '@/lib/contract/api-keys';
import { route } from '@/lib/http/route';

export const PATCH = route(
  {
    access: 'admin',
    limits: { address: 'api' },
    params: ApiKeyParams,
    body: UpdateApiKey,
    id: 'updateApiKey',
    tag: 'API keys',
    summary: 'Change an API key',
    description:
      'Changes the name, the repositories or the networks, from the key’s next request on. Omitted fields stay as they are.',
    answer: { status: 200, description: 'The key after the change.', schema: ApiKey },
    problems: ['repository_not_accessible'],
  },
  ({ workspace, actor, context, params, body }) =>
    updateApiKey({ workspaceId: workspace.id, actor, origin: context }, params.id, body),
);

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
