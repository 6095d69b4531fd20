import { route } from '@/lib/http/route';
import { listInstallations, toInstallationAnswer } from '@/lib/installation/list';

export const GET = route({ auth: 'user', workspace: 'member', rateLimit: 'api' }, async ({ workspace }) => {
  const installations = await listInstallations(workspace.id);
  return { data: installations.map(toInstallationAnswer), next_cursor: null };
});
