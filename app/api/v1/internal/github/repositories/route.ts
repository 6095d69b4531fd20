import { reloadApiKey } from '@/lib/api-keys/key';
import { RepositoriesQuery, Repository } from '@/lib/contract/installation';
import { listOf } from '@/lib/contract/pagination';
import { route } from '@/lib/http/route';
import { listRepositories } from '@/lib/installation/list-repositories';

export const GET = route(
  {
    access: 'apiKey',
    limits: { address: 'api' },
    query: RepositoriesQuery,
    id: 'listReadableRepositories',
    tag: 'GitHub',
    summary: 'List the repositories that this key may read',
    answer: { status: 200, description: 'One page.', schema: listOf(Repository) },
  },
  async ({ actor, query }) => {
    const page = await listRepositories(
      { workspaceId: actor.workspace.id, repositoryIds: actor.repositoryIds, onlyReadable: true },
      query,
    );
    // The key may have been revoked while this request was waiting for the database. If so, don't reveal any names to
    // it.
    await reloadApiKey(actor);
    return page;
  },
);
