import { rotateApiKey } from '@/lib/api-keys/manage';
import { ApiKeyParams, CreatedApiKey, RotateApiKey } from '@/lib/contract/api-keys';
import { route } from '@/lib/http/route';

export const POST = route(
  {
    access: 'admin',
    limits: { address: 'api' },
    params: ApiKeyParams,
    body: RotateApiKey,
    id: 'rotateApiKey',
    tag: 'API keys',
    summary: 'Rotate an API key',
    description: 'The old key keeps working for the overlap: one day by default.',
    answer: { status: 201, description: 'The new key, once.', schema: CreatedApiKey },
  },
  ({ workspace, actor, context, params, body }) =>
    rotateApiKey({ workspaceId: workspace.id, actor, origin: context }, params.id, body),
);
