import { verifyAuditChain } from '@/lib/audit/verify';
import { route } from '@/lib/http/route';

export const GET = route({ auth: 'user', workspace: 'admin', rateLimit: 'api' }, ({ workspace }) =>
  verifyAuditChain(workspace.id),
);
