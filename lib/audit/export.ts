import type { AuditEvent } from '../contract/audit-event';
import { canonicalJson } from './canonical';
import { readAuditEvents } from './read';

export const EXPORT_FORMATS = ['ndjson', 'csv'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

const CSV_COLUMNS = [
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
 * A cell that a spreadsheet would run as a formula gets a quote in front.
 *
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
function csvCell(value: string | number | null): string {
  const text = String(value ?? '');
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const LINE: Record<ExportFormat, (event: AuditEvent) => string> = {
  ndjson: (event) => `${canonicalJson(event)}\n`,
  csv: (event) => {
    const values = csvValues(event);
    return `${CSV_COLUMNS.map((column) => csvCell(values[column])).join(',')}\r\n`;
  },
};

/** A workspace's whole log, oldest first, line by line: constant memory. CSV begins with its header (RFC 4180). */
export async function* exportAuditEvents(workspaceId: string, format: ExportFormat): AsyncGenerator<string> {
  if (format === 'csv') yield `${CSV_COLUMNS.join(',')}\r\n`;
  for await (const event of readAuditEvents(workspaceId)) yield LINE[format](event);
}
