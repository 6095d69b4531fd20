import { UpdateWorkspace, Workspace } from '@/lib/contract/workspace';
import { route } from '@/lib/http/route';
import { readWorkspace, setApiKeysAllowed } from '@/lib/workspace/api-keys-allowed';

export const GET = route(
  {
    access: 'member',
    limits: { address: 'api' },
    id: 'readWorkspace',
    tag: 'Workspace',
    summary: 'Read a workspace’s settings',
    answer: { status: 200, description: 'The workspace.', schema: Workspace },
  },
  ({ workspace }) => readWorkspace(workspace.id),
);

export const PATCH = route(
  {
    access: 'admin',
    limits: { address: 'api' },
    body: UpdateWorkspace,
    id: 'updateWorkspace',
    tag: 'Workspace',
    summary: 'Forbid API keys, or allow them again',
    answer: { status: 200, description: 'The workspace after the change.', schema: Workspace },
  },
  ({ workspace, actor, context, body }) =>
    setApiKeysAllowed({ workspaceId: workspace.id, actor, origin: context }, body.api_keys_allowed),
);
