import { listAuditEvents } from '@/lib/audit/list';
import { AuditEventsQuery } from '@/lib/contract/audit-event';
import { route } from '@/lib/http/route';

export const GET = route(
  { auth: 'user', workspace: 'admin', rateLimit: 'api', query: AuditEventsQuery },
  async ({ workspace, query }) => {
    const { data, next_cursor } = await listAuditEvents(workspace.id, query);
    return { data, next_cursor };
  },
);
