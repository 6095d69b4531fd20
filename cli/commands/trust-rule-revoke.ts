import { z } from 'zod';
import { Slug } from '../../lib/contract/members';
import { revokeTrustRule } from '../../lib/workload/manage-rules';
import { command, operator } from '../command';
import { findWorkspace } from '../find-workspace';

export const trustRuleRevoke = command({
  summary: 'Revoke a trust rule; the next request that it would authenticate is refused',
  usage: '--workspace acme --id RULE_ID',
  options: z.strictObject({ workspace: Slug, id: z.uuid() }),
  async run({ workspace, id }) {
    const { id: workspaceId } = await findWorkspace(workspace);
    await revokeTrustRule({ workspaceId, ...operator() }, id);
    return { id, revoked: true };
  },
});
