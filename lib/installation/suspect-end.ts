import type { RequestOrigin } from '../audit/event';
import { inTransaction } from '../db/client';
import { identifyApp } from '../github/app-info';
import { isInstallationShown } from '../github/shown-installations';
import { confirmEndSoon } from './end-checks';
import { noteEndSeen } from './transitions';

/**
 * - `unknown`: the 404 came from a server that does not know this App.
 * - `shown`: a passing fault; nothing is stored.
 * - `end_seen`: nothing is minted until a second witness has told.
 */
export type Suspicion = 'unknown' | 'shown' | 'end_seen';

/**
 * Weighs a 404 to a call about an installation. It is a first witness only if the installation's own route answers the
 * same to this App: right after a change at GitHub, single calls get a 404 for a moment.
 *
 * @param onAlive called if the second witness refutes the first one
 * @throws {GitHubError} while GitHub cannot be asked; nothing is stored
 */
export async function suspectEnd(
  installationId: number,
  witness: 'mint' | 'sync',
  origin: RequestOrigin,
  onAlive?: (installationId: number) => void,
): Promise<Suspicion> {
  if ((await identifyApp()) !== 'ours') return 'unknown';
  if (await isInstallationShown(installationId)) return 'shown';
  await inTransaction((tx) => noteEndSeen(tx, installationId, witness));
  confirmEndSoon(installationId, origin, onAlive);
  return 'end_seen';
}
