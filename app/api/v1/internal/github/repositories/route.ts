import { reloadApiKey } from '@/lib/api-keys/authenticate';
import { RepositoriesQuery } from '@/lib/contract/installation';
import { route } from '@/lib/http/route';
import { listRepositories } from '@/lib/installation/list';

export const GET = route(
  { auth: 'apiKey', rateLimit: 'api', query: RepositoriesQuery },
  async ({ actor, query }) => {
    const page = await listRepositories(
      { workspaceId: actor.workspace.id, repositoryIds: actor.repositoryIds, onlyReadable: true },
      query,
    );
    // A list may wait for its turn; a key that was revoked meanwhile learns no names.
    await reloadApiKey(actor);
    return page;
  },
);
