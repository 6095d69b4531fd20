import type { Membership } from '@/lib/auth/session';
import { listRepositories } from '@/lib/installation/list-repositories';
import { log } from '@/lib/observability/log';
import { ANYBODY, type Reader } from './samples';

/** Matches names that a shell command may hold as they are. GitHub allows no others. */
const PLAIN_NAME = /^[\w.-]+\/[\w.-]+$/;

/**
 * Returns the names for the samples of the reader's own workspace. Without one, without a repository, or while the
 * database fails, the samples show those of an invented workspace.
 */
export async function readReader(workspace: Membership | null): Promise<Reader> {
  if (workspace === null) return ANYBODY;
  const scope = { workspaceId: workspace.id, repositoryIds: null, onlyReadable: true };
  const page = await listRepositories(scope, { limit: 1 }).catch((err: unknown) => {
    log.warn({ err }, 'the samples show no repository of the reader');
    return { data: [] };
  });
  const name = page.data[0]?.full_name ?? '';
  return { workspace: workspace.slug, repository: PLAIN_NAME.test(name) ? name : ANYBODY.repository };
}
