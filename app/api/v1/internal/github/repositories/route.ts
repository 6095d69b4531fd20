import { listRepositories } from '@/lib/connection/list';
import { RepositoriesQuery } from '@/lib/contract/installation';
import { route } from '@/lib/http/route';

export const GET = route({ auth: 'apiKey', rateLimit: 'api', query: RepositoriesQuery }, ({ actor, query }) =>
  listRepositories(
    { workspaceId: actor.workspace.id, repositoryIds: actor.repositoryIds, onlyReadable: true },
    query,
  ),
);
