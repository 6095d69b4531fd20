import { Installation, InstallationPath } from '@/lib/contract/installation';
import { route } from '@/lib/http/route';
import { syncOnDemand } from '@/lib/sync/on-demand';

export const POST = route(
  {
    access: 'admin',
    limits: { address: 'api', workspace: 'sync' },
    params: InstallationPath,
    id: 'syncInstallation',
    tag: 'GitHub',
    summary: 'Sync an installation',
    answer: { status: 200, description: 'The installation after the sync.', schema: Installation },
    problems: ['github_error', 'github_unavailable', 'minting_stopped', 'repository_not_accessible'],
  },
  ({ workspace, params, actor }) => syncOnDemand(workspace.id, params.id, actor),
);
