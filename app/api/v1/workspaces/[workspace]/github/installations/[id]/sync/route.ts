import { InstallationPath } from '@/lib/contract/installation';
import { route } from '@/lib/http/route';
import { syncOnDemand } from '@/lib/sync/on-demand';

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
