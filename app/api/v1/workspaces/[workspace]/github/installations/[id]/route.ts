import { InstallationPath } from '@/lib/contract/installation';
import { route } from '@/lib/http/route';
import { disconnectInstallation } from '@/lib/installation/disconnect';

export const DELETE = route(
  { auth: 'user', workspace: 'admin', rateLimit: 'api', params: InstallationPath },
  async ({ workspace, params, actor, context }) => {
    await disconnectInstallation({
      workspaceId: workspace.id,
      installationId: params.id,
      actor,
      origin: context,
    });
    return new Response(null, { status: 204 });
  },
);
