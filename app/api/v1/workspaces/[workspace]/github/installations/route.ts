import { Installation } from '@/lib/contract/installation';
import { listOf } from '@/lib/contract/pagination';
import { route } from '@/lib/http/route';
import { listInstallations, toInstallationAnswer } from '@/lib/installation/list';

export const GET = route(
  {
    access: 'member',
    limits: { address: 'api' },
    id: 'listInstallations',
    tag: 'GitHub',
    summary: 'List installations',
    answer: { status: 200, description: 'All of them.', schema: listOf(Installation) },
  },
  async ({ workspace }) => {
    const installations = await listInstallations(workspace.id);
    return { data: installations.map(toInstallationAnswer), next_cursor: null };
  },
);
