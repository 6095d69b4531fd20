import type { RequestOrigin } from '../actor';
import { SYSTEM_GITHUB } from '../actor';
import { inTransaction } from '../db/client';
import type { GitHubError } from '../github/errors';
import { type Suspicion, suspectEnd } from '../installation/confirm-end';
import { markSuspended, requestSyncOnce } from '../installation/transitions';
import { Problem } from '../problem';
import { notActive, notShown } from './scope';

/** Starts a sync. Callers pass this function in, because `lib/token` isn't allowed to import `lib/sync` (ADR 0003). */
export type SyncSoon = (installationId: number) => void;

/** For this many seconds after an installation's last sync, refused mints don't start another one. */
const QUIET_SECONDS = 30;

/**
 * Stores the installation's new state after GitHub rejected a mint, just as the webhook would have. From then on, the
 * app refuses mints without calling GitHub. An uninstall becomes final only after a second check, seconds later.
 *
 * @param refused.syncSoon starts a sync in the background; if absent, reconcile syncs later
 * @returns the problem for the caller; `undefined` if the rejection has nothing to do with the installation
 */
export async function storeRefusal(
  installationId: number,
  origin: RequestOrigin,
  error: GitHubError,
  { namedRepositories, syncSoon }: { namedRepositories: boolean; syncSoon?: SyncSoon | undefined },
): Promise<Problem | undefined> {
  const cause = { actor: SYSTEM_GITHUB, origin, noticedBy: 'mint' } as const;
  switch (error.kind) {
    case 'not_found':
      return explainNotFound(await suspectEnd(installationId, 'mint', origin, syncSoon), error);
    case 'suspended':
      await inTransaction((tx) => markSuspended(tx, installationId, cause));
      return notActive('suspended', error);
    case 'invalid':
      if (error.reason !== 'repositories_not_accessible') return undefined;
      if (await inTransaction((tx) => requestSyncOnce(tx, installationId, QUIET_SECONDS)))
        syncSoon?.(installationId);
      if (!namedRepositories) return undefined;
      return new Problem('repository_not_accessible', 'GitHub no longer shares all of these repositories.', {
        cause: error,
        githubCause: error.reason,
      });
    case 'unavailable':
    case 'rate_limited':
    case 'unauthorized':
    case 'forbidden':
    case 'blocked':
    case 'unexpected':
      return undefined;
  }
}

function explainNotFound(suspicion: Suspicion, cause: GitHubError): Problem | undefined {
  switch (suspicion) {
    case 'unknown':
      return undefined;
    case 'shown':
      return new Problem('github_unavailable', 'GitHub refused the token for a moment. Try again.', {
        cause,
      });
    case 'end_seen':
      return notShown(cause);
  }
}
