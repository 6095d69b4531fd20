import type { RequestOrigin } from '../audit/event';
import { SYSTEM_GITHUB } from '../auth/actor';
import { inTransaction } from '../db/client';
import { identifyApp } from '../github/app-info';
import type { GitHubError } from '../github/error';
import { markDeleted, markSuspended, requestSync } from '../installation/transitions';
import { Problem } from '../problem';
import { notActive } from './scope';

/**
 * The first refused call has the effect of a webhook that never came (C18, C19): what GitHub says is stored at once.
 *
 * @returns what the caller is told; `undefined` if GitHub's refusal says nothing about the installation
 */
export async function noteRefusedByGitHub(
  installationId: number,
  origin: RequestOrigin,
  error: GitHubError,
  namedRepositories: boolean,
): Promise<Problem | undefined> {
  const cause = { actor: SYSTEM_GITHUB, origin, noticedBy: 'mint' } as const;
  switch (error.kind) {
    case 'not_found':
      if ((await identifyApp()) !== 'ours') return undefined;
      await inTransaction((tx) => markDeleted(tx, installationId, cause));
      return notActive('deleted', error);
    case 'suspended':
      await inTransaction((tx) => markSuspended(tx, installationId, cause));
      return notActive('suspended', error);
    case 'invalid':
      await inTransaction((tx) => requestSync(tx, installationId));
      // Without names it is the permissions that this installation has not granted.
      if (!namedRepositories) return undefined;
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
