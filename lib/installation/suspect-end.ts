import type { RequestOrigin } from '../audit/event';
import { inTransaction } from '../db/client';
import { identifyApp } from '../github/app-info';
import { isInstallationShown } from '../github/shown-installations';
import { confirmEndSoon } from './end-checks';
import { noteEndSeen } from './transitions';

/**
 * - `unknown`: the 404 came from a server that does not have this App.
 * - `shown`: the 404 was a passing fault; nothing is stored.
 * - `end_seen`: nothing is minted until a second witness confirms or refutes the end.
 */
export type Suspicion = 'unknown' | 'shown' | 'end_seen';

/**
 * Checks a 404 to a call about an installation. It is a first witness only if the installation's own route answers
 * this App with 404 too, because single calls may fail right after a change on GitHub.
 *
 * @param onAlive called if the second witness refutes the first one
 * @throws {GitHubError} while GitHub is unreachable; nothing is stored
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
