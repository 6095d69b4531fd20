import { RepositoriesQuery } from '@/lib/contract/installation';
import { route } from '@/lib/http/route';
import { listRepositories } from '@/lib/installation/list';

export const GET = route(
  { auth: 'user', workspace: 'member', rateLimit: 'api', query: RepositoriesQuery },
  ({ workspace, query }) => listRepositories({ workspaceId: workspace.id, repositoryIds: null }, query),
);
