import { verifyAuditChain } from '@/lib/audit/verify';
import { requireMembership } from '@/lib/auth/membership';
import { limitWork } from '@/lib/http/rate-limit';
import { route } from '@/lib/http/route';

export const GET = route(
  { auth: 'user', workspace: 'admin', rateLimit: 'api' },
  async ({ workspace, actor }) => {
    await limitWork('whole_log', workspace.id);
    return verifyAuditChain(workspace.id, () => requireMembership(workspace.id, actor.id, 'admin'));
  },
);
