import { setTimeout as sleep } from 'node:timers/promises';
import type { GitHubInstallation } from '../github/installations';
import { endCheck } from '../installation/confirm-end';
import { syncInstallation } from '../sync/sync';
import type { ConnectOutcome } from './outcomes';

/** Most first syncs finish within this time. A longer one continues, and the page follows it. */
const WAIT_FOR_SYNC_MS = 2500;

/** Starts the first sync, so that the next page already shows the repositories. */
export async function syncAfterBind(
  installation: GitHubInstallation,
  outcome: ConnectOutcome,
): Promise<ConnectOutcome> {
  if (outcome !== 'connected') return outcome;
  const waited = new Promise((resolve) => setTimeout(resolve, WAIT_FOR_SYNC_MS).unref());
  const first = await Promise.race([syncInstallation(installation.id), waited]);
  const synced = first === 'ending' ? await syncAfterSecondWitness(installation.id) : first;
  if (synced === 'gone') return 'installation_not_found';
  return installation.suspendedAt === null ? 'connected' : 'suspended';
}

/**
 * Waits until a second witness can count, because the installation was uninstalled or GitHub answered a passing
 * 404.
 */
async function syncAfterSecondWitness(installationId: number) {
  const spareMs = 100;
  await sleep(endCheck.apartMs + spareMs);
  return syncInstallation(installationId);
}
