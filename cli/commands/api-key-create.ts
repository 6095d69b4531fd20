import { z } from 'zod';
import { createApiKey } from '../../lib/api-keys/manage';
import { CreateApiKey } from '../../lib/contract/api-keys';
import { Slug } from '../../lib/contract/members';
import { command, operator } from '../command';
import { findWorkspace } from '../find-workspace';
import { RepositoryList } from '../repository-list';

const { name, expires_in, networks } = CreateApiKey.shape;

/** Parses `203.0.113.0/24,2001:db8::/32`. Rejects an empty list, which must never be taken to mean every address. */
const NetworkList = z
  .string()
  .transform((text) => text.split(','))
  .pipe(networks.unwrap());

export const apiKeyCreate = command({
  summary: 'Create an API key; it is printed once and kept nowhere',
  usage:
    '--workspace acme --name engine [--repositories owner/a,owner/b] [--networks 203.0.113.0/24,2001:db8::/32] [--expires-in 90d]',
  options: z.strictObject({
    workspace: Slug,
    name,
    repositories: RepositoryList.optional(),
    networks: NetworkList.optional(),
    'expires-in': expires_in,
  }),
  async run({ workspace, name, repositories, networks, 'expires-in': expiresIn }) {
    const { id: workspaceId } = await findWorkspace(workspace);
    const created = await createApiKey(
      { workspaceId, ...operator() },
      { name, repositories, networks, expires_in: expiresIn },
    );
    return { id: created.id, key: created.key };
  },
});
