import { z } from 'zod';
import { findArchivable, recordArchive, writeArchive } from '../../lib/audit/archive';
import { Slug } from '../../lib/contract/members';
import { closeWorkspace, disconnectAll, planWorkspaceErasure } from '../../lib/workspace/close-workspace';
import { dropArchived, registerArchive } from '../../prisma/drop-archived';
import { eraseWorkspace } from '../../prisma/erase-workspace';
import { asDatabaseOwner } from '../../prisma/owner-session';
import { command, operator, UsageError } from '../command';
import { findWorkspace } from '../find-workspace';
import { readOwnerUrl } from '../owner-url';

/** Each step commits before the next begins, and an interrupted command may be repeated. */
export const workspaceErase = command({
  summary: 'Erase a workspace: uninstall the App, archive the whole audit log, delete the rest',
  usage: '--workspace acme --output FOLDER [--dry-run]',
  options: z.strictObject({ workspace: Slug, output: z.string(), 'dry-run': z.boolean().default(false) }),
  async run({ workspace: slug, output: folder, 'dry-run': isDryRun }) {
    const ownerUrl = readOwnerUrl();
    const workspace = await findWorkspace(slug);
    const plan = await planWorkspaceErasure(workspace.id);
    const report = { workspace: slug, dry_run: isDryRun, ...plan };
    if (isDryRun) return report;
    // Find out first whether this role may delete at all.
    return asDatabaseOwner(ownerUrl, async (owner) => {
      const left = await disconnectAll(workspace.id, operator());
      if (left.length > 0)
        throw new UsageError(
          `GitHub has not confirmed by webhook that the App is uninstalled at ${left.join(', ')}; repeat the command in a minute`,
        );
      await closeWorkspace(workspace.id, operator());
      const range = await findArchivable(workspace.id, null);
      if (range === null) throw new Error('there is no event to archive');
      const manifest = await writeArchive({ ...range, workspace, folder });
      await recordArchive(manifest, operator());
      await registerArchive(owner, manifest);
      await dropArchived(owner, workspace.id);
      await eraseWorkspace(owner, workspace.id);
      return { ...report, archive: `${workspace.id}/${manifest.file}`, last_hash: manifest.last_hash };
    });
  },
});
