import { syncOnDemand } from '@/lib/connection/sync-on-demand';
import { InstallationPath } from '@/lib/contract/installation';
import { route } from '@/lib/http/route';

export const POST = route(
  {
    auth: 'user',
    workspace: 'admin',
    rateLimit: 'api',
    params: InstallationPath,
    workspaceLimit: { policy: 'sync' },
  },
  ({ workspace, params, actor }) => syncOnDemand(workspace.id, params.id, actor),
);
