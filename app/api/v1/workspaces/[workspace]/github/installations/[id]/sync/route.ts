import { syncOnDemand } from '@/lib/connection/sync-on-demand';
import { InstallationPath } from '@/lib/contract/installation';
import { limitWork } from '@/lib/http/rate-limit';
import { route } from '@/lib/http/route';

export const POST = route(
  { auth: 'user', workspace: 'admin', rateLimit: 'api', params: InstallationPath },
  async ({ workspace, params, actor }) => {
    await limitWork('sync', workspace.id);
    return syncOnDemand(workspace.id, params.id, actor);
  },
);
