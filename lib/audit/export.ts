import type { Actor, RequestOrigin } from '../actor';
import type { AuditEvent, ExportFormat } from '../contract/audit-event';
import { canonicalJson } from './canonical';
import type { AuditFilters } from './filters';
import { readAuditEvents } from './read';
import { recordAuditEventNow } from './record';
import { type StillAllowed, whileAllowed } from './while-allowed';

type CsvValue = string | number | null;

/** The columns of the CSV file, in their order, and what stands in them. */
const COLUMNS = {
  seq: (event) => event.seq,
  id: (event) => event.id,
  type: (event) => event.type,
  occurred_at: (event) => event.occurred_at,
  actor_type: (event) => event.actor.type,
  actor_id: (event) => event.actor.id,
  actor_label: (event) => event.actor.label,
  workspace: (event) => event.workspace,
  installation_id: (event) => event.installation_id,
  client_ip: (event) => event.client_ip,
  user_agent: (event) => event.user_agent,
  request_id: (event) => event.request_id,
  details: (event) => canonicalJson(event.details),
  prev_hash: (event) => event.prev_hash,
  hash: (event) => event.hash,
} as const satisfies Record<string, (event: AuditEvent) => CsvValue>;

export const CSV_COLUMNS = Object.keys(COLUMNS) as readonly (keyof typeof COLUMNS)[];

const CELLS: readonly ((event: AuditEvent) => CsvValue)[] = Object.values(COLUMNS);

/**
 * A cell that a spreadsheet would run as a formula gets a quote in front, and so does one that begins with a quote,
 * so that whoever reads the file again knows which quotes to take away. Nothing is an empty cell, an empty text is
 * a quoted one.
 *
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
function csvCell(value: CsvValue): string {
  if (value === null) return '';
  if (typeof value === 'number') return value < 0 ? `'${value}` : String(value);
  if (value === '') return '""';
  if (!/^[=+\-@\t\r']|[",\r\n]/.test(value)) return value;
  const safe = /^[=+\-@\t\r']/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function csvLine(event: AuditEvent): string {
  let line = '';
  for (const cell of CELLS) line += `${line === '' ? '' : ','}${csvCell(cell(event))}`;
  return `${line}\r\n`;
}

const LINE: Record<ExportFormat, (event: AuditEvent) => string> = {
  ndjson: (event) => `${canonicalJson(event)}\n`,
  csv: csvLine,
};

/** Events line by line, oldest first: constant memory. CSV begins with its header (RFC 4180). */
export async function* exportAuditEvents(
  workspaceId: string,
  format: ExportFormat,
  filters: AuditFilters = {},
  stillAllowed: StillAllowed = async () => {},
): AsyncGenerator<string> {
  if (format === 'csv') yield `${CSV_COLUMNS.join(',')}\r\n`;
  for await (const event of whileAllowed(readAuditEvents(workspaceId, filters), stillAllowed))
    yield LINE[format](event);
}

export type Export = {
  workspaceId: string;
  actor: Actor;
  origin: RequestOrigin;
  format: ExportFormat;
  filters?: AuditFilters;
  /** Checked while the file is sent; a file that is not finished must not look complete. */
  stillAllowed?: StillAllowed | undefined;
};

/** Who exports is on record before the first line leaves; without filters that record is the export's last line. */
export async function startExport({
  workspaceId,
  actor,
  origin,
  format,
  filters = {},
  stillAllowed,
}: Export): Promise<AsyncGenerator<string>> {
  const given = Object.entries(filters).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  await recordAuditEventNow({
    workspaceId,
    actor,
    origin,
    type: 'audit.exported',
    details: { format, ...(given.length === 0 ? {} : { filters: Object.fromEntries(given) }) },
  });
  return exportAuditEvents(workspaceId, format, filters, stillAllowed);
}
