import type { Actor, RequestOrigin } from '../actor';
import { AuditEvent, type AuditVerification, type ExportFormat } from '../contract/audit-event';
import { ChainWalk, canonicalJson } from './chain';
import type { AuditFilters } from './filters';
import { readAuditEvents, type StillAllowed, whileAllowed } from './read';
import { recordAuditEventNow } from './record';
import { type CsvCell, readCsv, readLines, readText } from './text-file';

type CsvValue = string | number | null;

/** The columns of the CSV file, in their order, with their values. */
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

const CSV_COLUMNS = Object.keys(COLUMNS) as readonly (keyof typeof COLUMNS)[];

const CELLS: readonly ((event: AuditEvent) => CsvValue)[] = Object.values(COLUMNS);

/**
 * Writes a cell. Text that a spreadsheet would run as a formula gets a quote in front. So does text that begins with
 * a quote, so that a reader knows which quotes to remove. `null` is an empty cell, and empty text a quoted one.
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

/** Yields events line by line, oldest first, in constant memory. CSV begins with its header (RFC 4180). */
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
  /** Checked while the file is sent. An unfinished file must not look complete. */
  stillAllowed?: StillAllowed | undefined;
};

/**
 * Records the export, and then returns its lines. Without filters, the record is the last line.
 *
 * @throws the error of the record, and nothing is exported
 */
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

/**
 * Verifies a whole export, NDJSON or CSV, without a database or configuration. Only a head hash from elsewhere shows
 * whether events are missing at its end.
 *
 * @param expectedHead the hash of the last event, from a log, a metric or an older export
 * @returns `first_bad`: `seq` of the first event that does not fit, or is missing. In a filtered export this is the
 *   first gap
 * @throws if the file cannot be read
 */
export async function verifyAuditFile(file: string, expectedHead?: string): Promise<AuditVerification> {
  const walk = new ChainWalk();
  const result = (ok: boolean) => ({
    ok,
    events: walk.events,
    ...(ok ? {} : { first_bad: walk.firstBad ?? walk.events + 1 }),
    head_hash: walk.head,
  });
  try {
    for await (const value of await readEvents(file)) {
      const event = AuditEvent.safeParse(value);
      if (!event.success || !walk.add(event.data)) return result(false);
    }
  } catch (error) {
    // Invalid JSON or an unclosed quoted cell makes this event bad. A file that cannot be read is an error.
    if (error instanceof Error && 'syscall' in error) throw error;
    return result(false);
  }
  return result(expectedHead === undefined || walk.head === expectedHead);
}

async function readEvents(file: string): Promise<AsyncIterable<unknown>> {
  for await (const piece of readText(file)) return piece.startsWith('{') ? fromNdjson(file) : fromCsv(file);
  return fromNdjson(file);
}

async function* fromNdjson(file: string): AsyncGenerator<unknown> {
  for await (const line of readLines(readText(file))) if (line !== '') yield JSON.parse(line);
}

async function* fromCsv(file: string): AsyncGenerator<unknown> {
  let isHeader = true;
  for await (const cells of readCsv(readText(file))) {
    if (!isHeader) yield toEvent(cells);
    else if (cells.map(({ text }) => text).join() !== CSV_COLUMNS.join())
      throw new Error('not the header of an audit export');
    isHeader = false;
  }
}

/** Reads what `csvCell` wrote. */
function toEvent(cells: CsvCell[]): unknown {
  const row: Record<string, string | null> = {};
  for (const [index, column] of CSV_COLUMNS.entries()) {
    const cell = cells[index];
    const text = cell?.text.replace(/^'/, '') ?? '';
    row[column] = text === '' && !cell?.quoted ? null : text;
  }
  const { actor_type: type, actor_id: id, actor_label: label, ...rest } = row;
  return {
    ...rest,
    actor: { type, id, label },
    seq: Number(row.seq),
    installation_id: row.installation_id === null ? null : Number(row.installation_id),
    details: JSON.parse(row.details ?? ''),
  };
}
