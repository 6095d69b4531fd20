import { type CloneCommands, firstClone } from '@/components/api-keys/first-clone';
import { getConfig } from '@/lib/config';
import { listRepositories } from '@/lib/installation/list-repositories';
import { log } from '@/lib/observability/log';

/**
 * Returns commands that clone the first repository that a key may read, or `null` if it may read none now. A failure is
 * `null` too, because a new key must be shown in any case: it is never shown again.
 *
 * @param repositories the repositories that the key is bound to; `null` for a key that may read all
 */
export async function cloneCommands(
  workspaceId: string,
  repositories: readonly { id: number }[] | null,
): Promise<CloneCommands | null> {
  const repositoryIds = repositories?.map(({ id }) => id) ?? null;
  try {
    const { data } = await listRepositories({ workspaceId, repositoryIds, onlyReadable: true }, { limit: 1 });
    const [first] = data;
    return first === undefined ? null : firstClone(getConfig().publicUrl, first);
  } catch (error) {
    log.warn({ err: error }, 'the repository for the command of a new key could not be read');
    return null;
  }
}
