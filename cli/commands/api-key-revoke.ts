import { z } from 'zod';
import { revokeApiKey } from '../../lib/api-keys/manage';
import { Slug } from '../../lib/contract/members';
import { command, operator } from '../command';
import { findWorkspace } from '../find-workspace';

export const apiKeyRevoke = command({
  summary: 'Revoke an API key; it is refused from its next request on',
  usage: '--workspace acme --id KEY_ID',
  options: z.strictObject({ workspace: Slug, id: z.uuid() }),
  async run({ workspace, id }) {
    const { id: workspaceId } = await findWorkspace(workspace);
    await revokeApiKey({ workspaceId, ...operator() }, id);
    return { id, revoked: true };
  },
});
