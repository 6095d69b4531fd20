import { z } from 'zod';
import { compareAnchors } from '../../lib/audit/compare-anchors';
import { verifyAuditFiles } from '../../lib/audit/export';
import { readText } from '../../lib/audit/text-file';
import { verifyAuditChain } from '../../lib/audit/verify';
import { Slug } from '../../lib/contract/members';
import { command, UsageError } from '../command';
import { findWorkspace } from '../find-workspace';

const HASH = '[0-9a-f]{64}';
const Hash = z.string().regex(new RegExp(`^${HASH}$`), { error: 'must be 64 lower-case hexadecimal digits' });

/** The event that the first file continues, as the manifest of the archive before it names it. */
const After = z
  .string()
  .regex(new RegExp(`^\\d{1,15}:${HASH}$`), { error: 'must be an event’s number and hash: 1000:9f86…' })
  .transform((text) => ({ seq: Number(text.split(':')[0]), hash: text.split(':')[1] ?? '' }));

/** Exits with 1 if a chain is broken or differs from an anchor, so a cron job can raise an alarm. */
export const auditVerify = command({
  summary:
    'Recompute an audit chain, in the database, or of archives and exports in their order, or all chains that a log has anchors of; exit code 1 if one is broken',
  usage: '--workspace acme | --file EXPORT … [--after SEQ:HASH] [--head HASH] | --anchors LOG',
  options: z.strictObject({
    workspace: Slug.optional(),
    file: z.array(z.string()).optional(),
    anchors: z.string().optional(),
    head: Hash.optional(),
    after: After.optional(),
  }),
  isOffline: ({ file }) => file !== undefined,
  async run({ workspace, file, anchors, head, after }) {
    if ([workspace, file, anchors].filter((given) => given !== undefined).length !== 1)
      throw new UsageError('give one of --workspace, --file and --anchors');
    if ((head ?? after) !== undefined && file === undefined)
      throw new UsageError('--head and --after go with --file');
    if (anchors !== undefined) return verifyAnchored(anchors);
    const verification =
      file === undefined
        ? await verifyAuditChain((await findWorkspace(workspace ?? '')).id)
        : await verifyAuditFiles(file, { head, after });
    if (!verification.ok) {
      console.error(`the chain is broken at event ${verification.first_bad}`);
      process.exitCode = 1;
    }
    return verification;
  },
});

/** Verifies each chain that the log names, and compares it with the log's anchors. */
async function verifyAnchored(log: string) {
  const { workspace_ids, ...comparison } = await compareAnchors(readText(log));
  if (comparison.anchors === 0)
    throw new UsageError('the log holds no line "audit chain head", so nothing was compared');
  const broken: { workspace_id: string; first_bad: number | undefined }[] = [];
  for (const workspace_id of workspace_ids) {
    const { ok, first_bad } = await verifyAuditChain(workspace_id);
    if (!ok) broken.push({ workspace_id, first_bad });
  }
  const ok = broken.length + comparison.lost.length + comparison.changed.length === 0;
  if (!ok) {
    console.error('a chain is broken, has lost events, or was rewritten');
    process.exitCode = 1;
  }
  return { ok, chains: workspace_ids.length, ...comparison, broken };
}
