import { startExport } from '@/lib/audit/export';
import { listAuditEvents } from '@/lib/audit/list';
import { requireMembership } from '@/lib/auth/session';
import { AuditEvent, AuditEventsQuery } from '@/lib/contract/audit-event';
import { listOf } from '@/lib/contract/pagination';
import { download } from '@/lib/http/download';
import { route } from '@/lib/http/route';

const CONTENT_TYPES = {
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson; charset=utf-8',
} as const;

export const GET = route(
  {
    access: 'admin',
    limits: {
      address: 'api',
      workspace: 'whole_log',
      workspaceFor: { name: 'exports', matches: ({ format = 'json' }) => format !== 'json' },
    },
    query: AuditEventsQuery,
    id: 'listAuditEvents',
    tag: 'Audit log',
    summary: 'List or export audit events',
    description:
      'Newest first, or with order=oldest in the log’s order, a page at a time. With format=csv or format=ndjson everything that matches is streamed, oldest first. The filters type, installation_id and ip take one value or several with commas between them, and match any of them. An address or range with a minus before it is excluded: ip=-10.0.0.0/8 lists events from other addresses, and none without an address. The filter result takes succeeded or refused. The filter actor takes an id, a label, or what the page shows, like “engine (API key)”. The filter repository finds the tokens that could read it: those that name it, under each of its names, and those for all repositories while it was shared or that may have lived when it was added. GitHub tells when something changed only by a webhook, which may be lost, so a repository counts from an hour before the last sync that did not list it until we noticed its removal: the answer may hold a token too many, and none too few. The filter q finds text in label and details, or the beginning of a request id or of a token’s hash; owner/name finds that repository only. syncs=hide leaves out the tokens of our own syncs, which read no code.',
    answer: {
      status: 200,
      description: 'One page, or the file.',
      schema: listOf(AuditEvent),
      contentTypes: ['text/csv', 'application/x-ndjson'],
    },
  },
  async ({
    request,
    workspace,
    actor,
    context,
    query: { format = 'json', cursor, limit, order, ...filters },
  }) => {
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
    const page = { limit, ...(cursor && { cursor }), ...(order && { order }) };
    const { data, next_cursor } = await listAuditEvents(workspace.id, { ...filters, ...page });
    return { data, next_cursor };
  },
);
