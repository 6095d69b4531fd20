import { RepositoriesQuery, Repository } from '@/lib/contract/installation';
import { listOf } from '@/lib/contract/pagination';
import { route } from '@/lib/http/route';
import { listRepositories } from '@/lib/installation/list-repositories';
import { reloadService } from '@/lib/token/reload-service';

export const GET = route(
  {
    access: 'service',
    limits: { address: 'api' },
    query: RepositoriesQuery,
    id: 'listReadableRepositories',
    tag: 'GitHub',
    summary: 'List the repositories this service may read',
    answer: { status: 200, description: 'One page.', schema: listOf(Repository) },
  },
  async ({ actor, context, query }) => {
    const page = await listRepositories(
      { workspaceId: actor.workspace.id, repositoryIds: actor.repositoryIds, onlyReadable: true },
      query,
    );
    // The key or rule may have been revoked while this request was waiting for the database. If so, don't reveal any names to
    // the caller.
    await reloadService(actor, context);
    return page;
  },
);
