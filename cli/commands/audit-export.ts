import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { EXPORT_FORMATS, exportAuditEvents } from '../../lib/audit/export';
import { recordAuditEventNow } from '../../lib/audit/record';
import { Slug } from '../../lib/contract/members';
import { command, operator } from '../command';
import { findWorkspace } from '../find-workspace';

/** The export is an event itself, committed before the first line leaves and so its last line. */
export const auditExport = command({
  summary: 'Write a workspace’s audit log to standard output, oldest first',
  usage: '--workspace acme --format ndjson|csv',
  options: z.strictObject({ workspace: Slug, format: z.enum(EXPORT_FORMATS) }),
  async run({ workspace, format }) {
    const { id } = await findWorkspace(workspace);
    await recordAuditEventNow({
      ...operator(),
      workspaceId: id,
      type: 'audit.exported',
      details: { format },
    });
    await pipeline(Readable.from(exportAuditEvents(id, format)), process.stdout, { end: false });
    return undefined;
  },
});
