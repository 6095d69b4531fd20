import { InstallationPath } from '@/lib/contract/installation';
import { route } from '@/lib/http/route';
import { disconnectInstallation } from '@/lib/installation/disconnect';

export const DELETE = route(
  {
    access: 'admin',
    limits: { address: 'api' },
    params: InstallationPath,
    id: 'disconnectInstallation',
    tag: 'GitHub',
    summary: 'Disconnect',
    description:
      'Uninstalls the App at GitHub; if GitHub cannot be asked now, that is repeated later. A token that was given out may work for the rest of its hour.',
    answer: { status: 204, description: 'No more tokens are minted for it.' },
  },
  async ({ workspace, params, actor, context }) => {
    await disconnectInstallation({
      workspaceId: workspace.id,
      installationId: params.id,
      actor,
      origin: context,
    });
  },
);
