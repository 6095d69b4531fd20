import { startExport } from '@/lib/audit/export';
import { listAuditEvents } from '@/lib/audit/list';
import { requireMembership } from '@/lib/auth/membership';
import { AuditEventsQuery } from '@/lib/contract/audit-event';
import { download } from '@/lib/http/download';
import { route } from '@/lib/http/route';

const CONTENT_TYPES = {
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson; charset=utf-8',
} as const;

export const GET = route(
  {
    auth: 'user',
    workspace: 'admin',
    rateLimit: 'api',
    query: AuditEventsQuery,
    workspaceLimit: { policy: 'whole_log', when: ({ format = 'json' }) => format !== 'json' },
  },
  async ({ request, workspace, actor, context, query: { format = 'json', cursor, limit, ...filters } }) => {
    if (format !== 'json') {
      const stillAllowed = () => requireMembership(workspace.id, actor.id, 'admin');
      const by = { workspaceId: workspace.id, actor, origin: context };
      return download({
        request,
        of: workspace.id,
        start: () => startExport({ ...by, format, filters, stillAllowed }),
        contentType: CONTENT_TYPES[format],
        filename: `audit-${workspace.slug}.${format}`,
      });
    }
    const page = cursor === undefined ? { limit } : { limit, cursor };
    const { data, next_cursor } = await listAuditEvents(workspace.id, { ...filters, ...page });
    return { data, next_cursor };
  },
);
