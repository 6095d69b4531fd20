import { z } from 'zod';
import { createApiKey } from '../../lib/api-keys/manage';
import { CreateApiKey } from '../../lib/contract/api-keys';
import { Slug } from '../../lib/contract/members';
import { command, operator } from '../command';
import { findWorkspace } from '../find-workspace';

const { name, repositories, expires_in } = CreateApiKey.shape;

/** Parses `owner/a,owner/b` or ids. Rejects an empty list, which must never be taken to mean all repositories. */
const RepositoryList = z
  .string()
  .transform((text) =>
    text.split(',').map((item) => (/^\d+$/.test(item.trim()) ? Number(item) : item.trim())),
  )
  .pipe(repositories.unwrap());

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
