import type { Actor } from '../auth/actor';
import type { AuditEvent, ExportFormat, Json } from '../contract/audit-event';
import { canonicalJson } from './canonical';
import type { RequestOrigin } from './event';
import type { AuditFilters } from './filters';
import { readAuditEvents } from './read';
import { recordAuditEventNow } from './record';

export const CSV_COLUMNS = [
  'seq',
  'id',
  'type',
  'occurred_at',
  'actor_type',
  'actor_id',
  'actor_label',
  'workspace',
  'installation_id',
  'client_ip',
  'user_agent',
  'request_id',
  'details',
  'prev_hash',
  'hash',
] as const;

function csvValues(event: AuditEvent): Record<(typeof CSV_COLUMNS)[number], string | number | null> {
  const { actor, details, ...rest } = event;
  return {
    ...rest,
    actor_type: actor.type,
    actor_id: actor.id,
    actor_label: actor.label,
    details: canonicalJson(details),
  };
}

/**
 * A cell that a spreadsheet would run as a formula gets a quote in front, and so does one that begins with a quote,
 * so that whoever reads the file again knows which quotes to take away. Nothing is an empty cell, an empty text is
 * a quoted one.
 *
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
function csvCell(value: string | number | null): string {
  if (value === '') return '""';
  const text = String(value ?? '');
  const safe = /^[=+\-@\t\r']/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const LINE: Record<ExportFormat, (event: AuditEvent) => string> = {
  ndjson: (event) => `${canonicalJson(event)}\n`,
  csv: (event) => {
    const values = csvValues(event);
    return `${CSV_COLUMNS.map((column) => csvCell(values[column])).join(',')}\r\n`;
  },
};

/** Events line by line, oldest first: constant memory. CSV begins with its header (RFC 4180). */
export async function* exportAuditEvents(
  workspaceId: string,
  format: ExportFormat,
  filters: AuditFilters = {},
): AsyncGenerator<string> {
  if (format === 'csv') yield `${CSV_COLUMNS.join(',')}\r\n`;
  for await (const event of readAuditEvents(workspaceId, filters)) yield LINE[format](event);
}

export type Export = {
  workspaceId: string;
  actor: Actor;
  origin: RequestOrigin;
  format: ExportFormat;
  filters?: AuditFilters;
};

/** Who exports is on record before the first line leaves; without filters that record is the export's last line. */
export async function startExport({
  workspaceId,
  actor,
  origin,
  format,
  filters = {},
}: Export): Promise<AsyncGenerator<string>> {
  const given: { [key: string]: Json } = {};
  for (const [name, value] of Object.entries(filters)) if (value !== undefined) given[name] = value;
  await recordAuditEventNow({
    workspaceId,
    actor,
    origin,
    type: 'audit.exported',
    details: { format, ...(Object.keys(given).length === 0 ? {} : { filters: given }) },
  });
  return exportAuditEvents(workspaceId, format, filters);
}
