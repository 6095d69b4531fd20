import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { startExport } from '../../lib/audit/export';
import { EXPORT_FORMATS } from '../../lib/contract/audit-event';
import { Slug } from '../../lib/contract/members';
import { command, operator } from '../command';
import { findWorkspace } from '../find-workspace';

/**
 * The export is recorded in the audit log before its first line is written, so that event is the last line of the
 * export.
 */
export const auditExport = command({
  summary: 'Write a workspace’s audit log to standard output, oldest first',
  usage: '--workspace acme --format ndjson|csv',
  options: z.strictObject({ workspace: Slug, format: z.enum(EXPORT_FORMATS) }),
  async run({ workspace, format }) {
    const { id } = await findWorkspace(workspace);
    const lines = await startExport({ ...operator(), workspaceId: id, format });
    await pipeline(Readable.from(lines), process.stdout, { end: false });
    return undefined;
  },
});
