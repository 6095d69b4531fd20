import { listInstallations, toInstallationAnswer } from '@/lib/connection/list';
import { route } from '@/lib/http/route';

export const GET = route({ auth: 'user', workspace: 'member', rateLimit: 'api' }, async ({ workspace }) => {
  const installations = await listInstallations(workspace.id);
  return { data: installations.map(toInstallationAnswer), next_cursor: null };
});
