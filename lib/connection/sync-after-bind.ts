import type { GitHubInstallation } from '../github/installations';
import type { ConnectOutcome } from './outcomes';
import { syncInstallation } from './sync';

/** Most first syncs take less; a longer one goes on while the page is shown, and the page follows it. */
const WAIT_FOR_SYNC_MS = 2500;

/** Starts the first sync, so that the page which comes next already shows the repositories. */
export async function syncAfterBind(
  installation: GitHubInstallation,
  outcome: ConnectOutcome,
): Promise<ConnectOutcome> {
  if (outcome !== 'connected') return outcome;
  const waited = new Promise((resolve) => setTimeout(resolve, WAIT_FOR_SYNC_MS).unref());
  const synced = await Promise.race([syncInstallation(installation.id), waited]);
  if (synced === 'gone') return 'installation_not_found';
  return installation.suspendedAt === null ? 'connected' : 'suspended';
}
