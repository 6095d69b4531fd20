import type { RequestOrigin } from '../audit/event';
import { SYSTEM_GITHUB } from '../auth/actor';
import { inTransaction } from '../db/client';
import type { GitHubError } from '../github/error';
import { markDeleted, markSuspended, requestSync } from '../installation/transitions';
import { Problem } from '../problem';

/**
 * The first refused call has the effect of a webhook that never came (C18, C19): what GitHub says is stored at once.
 *
 * @returns what the caller is told; `undefined` if GitHub's refusal says nothing about the installation
 */
export async function noteRefusedByGitHub(
  installationId: number,
  origin: RequestOrigin,
  error: GitHubError,
): Promise<Problem | undefined> {
  const cause = { actor: SYSTEM_GITHUB, origin, noticedBy: 'mint' } as const;
  switch (error.kind) {
    case 'not_found':
      await inTransaction((tx) => markDeleted(tx, installationId, cause));
      return new Problem('installation_deleted', 'The installation was uninstalled. Connect GitHub again.', {
        cause: error,
      });
    case 'suspended':
      await inTransaction((tx) => markSuspended(tx, installationId, cause));
      return new Problem(
        'installation_suspended',
        'The installation is suspended on GitHub. Unsuspend it there.',
        {
          cause: error,
        },
      );
    case 'invalid':
      await inTransaction((tx) => requestSync(tx, installationId));
      return new Problem(
        'repository_not_accessible',
        'GitHub does not share all of these repositories any more.',
        {
          cause: error,
        },
      );
    case 'unavailable':
    case 'rate_limited':
    case 'unauthorized':
    case 'forbidden':
    case 'unexpected':
      return undefined;
  }
}
