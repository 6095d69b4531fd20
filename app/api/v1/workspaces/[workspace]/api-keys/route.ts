import { createApiKey } from '@/lib/api-keys/manage';
import { listApiKeys } from '@/lib/api-keys/read-api-keys';
import { ApiKey, ApiKeysQuery, CreateApiKey, CreatedApiKey } from '@/lib/contract/api-keys';
import { listOf } from '@/lib/contract/pagination';
import { route } from '@/lib/http/route';

export const GET = route(
  {
    access: 'admin',
    limits: { address: 'api' },
    query: ApiKeysQuery,
    id: 'listApiKeys',
    tag: 'API keys',
    summary: 'List API keys',
    answer: { status: 200, description: 'One page, without the keys themselves.', schema: listOf(ApiKey) },
  },
  ({ workspace, query }) => listApiKeys(workspace.id, query),
);

export const POST = route(
  {
    access: 'admin',
    limits: { address: 'api' },
    body: CreateApiKey,
    id: 'createApiKey',
    tag: 'API keys',
    summary: 'Create an API key',
    description: 'The key is in this response only: we keep its SHA-256.',
    answer: { status: 201, description: 'The key, once.', schema: CreatedApiKey },
    problems: ['repository_not_accessible'],
  },
  ({ workspace, actor, context, body }) =>
    createApiKey({ workspaceId: workspace.id, actor, origin: context }, body),
);
