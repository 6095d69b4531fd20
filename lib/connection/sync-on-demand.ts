import type { Installation } from '../contract/installation';
import { inTransaction } from '../db/client';
import { requestSyncOnce } from '../installation/transitions';
import { notFound, Problem } from '../problem';
import { listInstallations, toInstallationAnswer } from './list';
import { syncInstallation } from './sync';

/**
 * Asks GitHub now, because an admin wants to know. A sync that is under way is not begun anew.
 *
 * @returns the installation as it is afterwards
 * @throws {Problem} `not_found`: no such installation in this workspace; `github_unavailable`
 */
export async function syncOnDemand(workspaceId: string, installationId: number): Promise<Installation> {
  const find = async () => (await listInstallations(workspaceId)).find(({ id }) => id === installationId);
  const before = await find();
  if (before === undefined) throw notFound();
  if (before.status !== 'deleted') {
    await inTransaction((tx) => requestSyncOnce(tx, installationId));
    if ((await syncInstallation(installationId)) === 'failed')
      throw new Problem(
        'github_unavailable',
        'GitHub could not be asked. What is shown may be out of date.',
        {
          retryAfterSeconds: 5,
        },
      );
  }
  return toInstallationAnswer((await find()) ?? before);
}
