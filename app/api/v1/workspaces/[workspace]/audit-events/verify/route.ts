import { verifyAuditChain } from '@/lib/audit/verify';
import { requireMembership } from '@/lib/auth/membership';
import { route } from '@/lib/http/route';

export const GET = route(
  { auth: 'user', workspace: 'admin', rateLimit: 'api', workspaceLimit: { policy: 'whole_log' } },
  ({ workspace, actor }) =>
    verifyAuditChain(workspace.id, () => requireMembership(workspace.id, actor.id, 'admin')),
);
