import { z } from 'zod';
import { verifyAuditChain } from '../../lib/audit/verify';
import { Slug } from '../../lib/contract/members';
import { command } from '../command';
import { findWorkspace } from '../find-workspace';

/** Exit code 1 also when the chain is broken, so that a cron job notices. */
export const auditVerify = command({
  summary: 'Recompute a workspace’s audit chain; exit code 1 if it is broken',
  usage: '--workspace acme',
  options: z.strictObject({ workspace: Slug }),
  async run({ workspace }) {
    const { id } = await findWorkspace(workspace);
    const verification = await verifyAuditChain(id);
    if (!verification.ok) {
      console.error(`the chain is broken at event ${verification.first_bad}`);
      process.exitCode = 1;
    }
    return verification;
  },
});
