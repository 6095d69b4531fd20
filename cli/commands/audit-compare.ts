import { z } from 'zod';
import { comparedApp, compareWithGitHub, readMints } from '../../lib/audit/compare';
import { readGitHubLog } from '../../lib/audit/github-log';
import { readText } from '../../lib/audit/text-file';
import { Slug } from '../../lib/contract/members';
import { getDb } from '../../lib/db/client';
import { command, UsageError } from '../command';
import { findWorkspace } from '../find-workspace';

/**
 * Exits with 1 if GitHub's log contains a token of the App that isn't in our audit log. Such a token must have been
 * minted by somebody else who has the App's key.
 */
export const auditCompare = command({
  summary:
    'Join an export of GitHub’s audit log with ours; exit code 1 if GitHub saw a token that we did not mint',
  usage: '--workspace acme --github-log FILE [--github-log FILE]…',
  options: z.strictObject({ workspace: Slug, 'github-log': z.array(z.string()).min(1) }),
  async run({ workspace, 'github-log': files }) {
    const { id } = await findWorkspace(workspace);
    const installations = await getDb().installation.findMany({
      where: { workspaceId: id },
      select: { id: true },
    });
    const app = await comparedApp(installations.map((installation) => Number(installation.id)));
    const comparison = await compareWithGitHub(app, readGitHubLog(files.map(readText)), readMints(id));
    if (comparison.entries_of_app === 0)
      throw new UsageError(
        `none of the ${comparison.entries} entries names a token of the App (${app.slugs.join(', ')}) in this workspace’s ` +
          'installations, so nothing was compared: is the log of the right organization, and exported with token data?',
      );
    if (comparison.unknown_count > 0) {
      console.error(`GitHub saw ${comparison.unknown_count} token(s) of the App that were not minted here`);
      process.exitCode = 1;
    }
    return comparison;
  },
});
