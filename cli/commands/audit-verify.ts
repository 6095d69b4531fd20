import { z } from 'zod';
import { verifyAuditFile } from '../../lib/audit/export';
import { verifyAuditChain } from '../../lib/audit/verify';
import { Slug } from '../../lib/contract/members';
import { command, UsageError } from '../command';
import { findWorkspace } from '../find-workspace';

/** Exits with 1 if the chain is broken, so a cron job can raise an alarm. */
export const auditVerify = command({
  summary: 'Recompute an audit chain, in the database or of an export; exit code 1 if it is broken',
  usage: '--workspace acme | --file EXPORT [--head HASH]',
  options: z.strictObject({
    workspace: Slug.optional(),
    file: z.string().optional(),
    head: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional(),
  }),
  isOffline: ({ file }) => file !== undefined,
  async run({ workspace, file, head }) {
    if ((workspace === undefined) === (file === undefined))
      throw new UsageError('give either --workspace or --file');
    if (head !== undefined && file === undefined) throw new UsageError('--head goes with --file');
    const verification =
      file === undefined
        ? await verifyAuditChain((await findWorkspace(workspace ?? '')).id)
        : await verifyAuditFile(file, head);
    if (!verification.ok) {
      console.error(`the chain is broken at event ${verification.first_bad}`);
      process.exitCode = 1;
    }
    return verification;
  },
});
