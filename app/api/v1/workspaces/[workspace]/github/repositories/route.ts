import { RepositoriesQuery, Repository } from '@/lib/contract/installation';
import { listOf } from '@/lib/contract/pagination';
import { route } from '@/lib/http/route';
import { listRepositories } from '@/lib/installation/list-repositories';

export const GET = route(
  {
    access: 'member',
    limits: { address: 'api' },
    query: RepositoriesQuery,
    id: 'listRepositories',
    tag: 'GitHub',
    summary: 'List shared repositories',
    answer: { status: 200, description: 'One page.', schema: listOf(Repository) },
  },
  ({ workspace, query }) => listRepositories({ workspaceId: workspace.id, repositoryIds: null }, query),
);
