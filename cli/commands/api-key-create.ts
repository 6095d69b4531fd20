import { z } from 'zod';
import { createApiKey } from '../../lib/api-keys/manage';
import { CreateApiKey } from '../../lib/contract/api-keys';
import { Slug } from '../../lib/contract/members';
import { command, operator } from '../command';
import { findWorkspace } from '../find-workspace';
import { RepositoryList } from '../repository-list';

const { name, expires_in } = CreateApiKey.shape;

export const apiKeyCreate = command({
  summary: 'Create an API key; it is printed once and kept nowhere',
  usage: '--workspace acme --name engine [--repositories owner/a,owner/b] [--expires-in 90d]',
  options: z.strictObject({
    workspace: Slug,
    name,
    repositories: RepositoryList.optional(),
    'expires-in': expires_in,
  }),
  async run({ workspace, name, repositories, 'expires-in': expiresIn }) {
    const { id: workspaceId } = await findWorkspace(workspace);
    const created = await createApiKey(
      { workspaceId, ...operator() },
      { name, repositories, expires_in: expiresIn },
    );
    return { id: created.id, key: created.key };
  },
});
