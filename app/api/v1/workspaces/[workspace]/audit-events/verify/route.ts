import { verifyAuditChain } from '@/lib/audit/verify';
import { requireMembership } from '@/lib/auth/session';
import { AuditVerification } from '@/lib/contract/audit-event';
import { route } from '@/lib/http/route';

export const GET = route(
  {
    access: 'admin',
    limits: { address: 'api', workspace: 'whole_log' },
    id: 'verifyAuditEvents',
    tag: 'Audit log',
    summary: 'Verify the chain of hashes',
    answer: {
      status: 200,
      description: 'Whether every event fits the one before it.',
      schema: AuditVerification,
    },
  },
  ({ workspace, actor }) =>
    verifyAuditChain(workspace.id, () => requireMembership(workspace.id, actor.id, 'admin')),
);
