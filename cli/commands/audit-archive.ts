import type { Client } from 'pg';
import { z } from 'zod';
import { findArchivable, recordArchive, writeArchive } from '../../lib/audit/archive';
import { getConfig } from '../../lib/config';
import { Slug } from '../../lib/contract/members';
import { getDb } from '../../lib/db/client';
import { redact } from '../../lib/observability/redact';
import { dropArchived, registerArchive } from '../../prisma/drop-archived';
import { asDatabaseOwner } from '../../prisma/owner-session';
import { command, operator, UsageError } from '../command';
import { findWorkspace } from '../find-workspace';
import { readOwnerUrl } from '../owner-url';

const DAY_MS = 86_400_000;

export const auditArchive = command({
  summary:
    'Move old audit events to files. They leave the database only after the file was read back, verified and recorded',
  usage: '--output FOLDER [--workspace acme] [--days N] [--dry-run]',
  options: z.strictObject({
    output: z.string(),
    workspace: Slug.optional(),
    days: z.coerce.number().int().min(31).max(3650).optional(),
    'dry-run': z.boolean().default(false),
  }),
  async run({ output: folder, workspace, days = getConfig().auditRetentionDays, 'dry-run': isDryRun }) {
    if (days === undefined) throw new UsageError('set RETENTION_AUDIT_DAYS, or give --days');
    const cutoff = new Date(Date.now() - days * DAY_MS);
    const workspaces = await (workspace === undefined
      ? getDb().workspace.findMany({ select: { id: true, slug: true }, orderBy: { slug: 'asc' } })
      : findWorkspace(workspace).then((found) => [found]));
    const archived: object[] = [];
    const failed: string[] = [];
    await asDatabaseOwner(readOwnerUrl(), async (owner) => {
      for (const each of workspaces) {
        try {
          const report = await archiveEventsBefore(each, cutoff, { folder, owner: isDryRun ? null : owner });
          if (report !== null) archived.push(report);
        } catch (error) {
          // A broken chain must not keep the events of other workspaces for longer than they may be kept.
          failed.push(each.slug);
          console.error(redact(`${each.slug}: ${error instanceof Error ? error.message : error}`));
          process.exitCode = 1;
        }
      }
    });
    return { older_than: cutoff.toISOString(), dry_run: isDryRun, archived, failed };
  },
});

/**
 * Archives a workspace's old events.
 *
 * @param to.owner the database owner's session; `null` writes nothing
 * @returns what was or would be archived; `null` if nothing was old
 */
async function archiveEventsBefore(
  workspace: { id: string; slug: string },
  cutoff: Date,
  { folder, owner }: { folder: string; owner: Client | null },
): Promise<object | null> {
  const range = await findArchivable(workspace.id, cutoff);
  const report = range && { workspace: workspace.slug, first_seq: range.after.seq + 1, last_seq: range.upTo };
  if (owner === null) return report;
  if (range !== null) {
    const manifest = await writeArchive({ ...range, workspace, folder });
    await recordArchive(manifest, operator());
    await registerArchive(owner, manifest);
  }
  // Without a new archive, too: an interrupted run may have left events of the last one.
  const dropped = await dropArchived(owner, workspace.id);
  return report ? { ...report, dropped } : dropped > 0 ? { workspace: workspace.slug, dropped } : null;
}
