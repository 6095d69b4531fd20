import type { Actor, RequestOrigin } from '../actor';
import { AuditEvent, type AuditVerification, type ExportFormat } from '../contract/audit-event';
import { toCanonicalEvent } from './canonical-rows';
import { ChainWalk, canonicalJson } from './chain';
import type { AuditFilters } from './conditions';
import { type ChainLink, readAuditSlices, readSlicesAs, type StillAllowed, whileAllowed } from './read';
import { recordAuditEventNow } from './record';
import { type CsvCell, readCsv, readLines, readText } from './text-file';

type CsvValue = string | number | null;

/** The columns of the CSV file, in order, each with a function that reads its value from an event. */
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
 * Formats a CSV cell. Text that a spreadsheet would run as a formula gets a leading single quote. So does text that
 * already begins with a single quote, so a program that reads the file can always remove exactly one. `null` becomes an
 * empty cell, and empty text becomes a quoted empty cell.
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

/**
 * Yields the file's text, oldest event first, in constant memory. Each piece consists of whole lines, with one event
 * per line. CSV begins with a header (RFC 4180).
 */
export async function* exportAuditEvents(
  workspaceId: string,
  format: ExportFormat,
  filters: AuditFilters = {},
  stillAllowed: StillAllowed = async () => {},
): AsyncGenerator<string> {
  if (format === 'csv') yield `${CSV_COLUMNS.join(',')}\r\n`;
  const slices =
    format === 'csv'
      ? lines(readAuditSlices(workspaceId, filters), stillAllowed, csvLine)
      : lines(
          readSlicesAs(toCanonicalEvent, workspaceId, filters),
          stillAllowed,
          (event) => `${event.whole()}\n`,
        );
  yield* slices;
}

/**
 * A piece is passed on once it has this many characters. A slice of large events has megabytes, and would be sent even
 * if the reader is slow, or loses access meanwhile.
 */
const PIECE_LENGTH = 65_536;

async function* lines<T>(
  slices: AsyncIterable<Iterable<T>>,
  stillAllowed: StillAllowed,
  toLine: (event: T) => string,
): AsyncGenerator<string> {
  for await (const slice of whileAllowed(slices, stillAllowed)) {
    let text = '';
    for (const event of slice) {
      text += toLine(event);
      if (text.length < PIECE_LENGTH) continue;
      yield text;
      text = '';
    }
    if (text !== '') yield text;
  }
}

export type Export = {
  workspaceId: string;
  actor: Actor;
  origin: RequestOrigin;
  format: ExportFormat;
  filters?: AuditFilters;
  /**
   * Called repeatedly while the file is being sent. If this function throws, the download fails instead of just ending,
   * so that a truncated file can't pass for a complete one.
   */
  stillAllowed?: StillAllowed | undefined;
};

/**
 * Records the export in the audit log, then returns the file's lines. Without filters, the last line is the event about
 * this export.
 *
 * @throws if the event cannot be recorded, in which case nothing is exported
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

/** The event that a file must continue from, and the one it must end with. */
export type FileEnds = {
  /** The event before the first one. By default the file begins with a workspace's first event. */
  after?: ChainLink | undefined;
  /** The hash of the last event, from a log, a metric or an older export. */
  head?: string | undefined;
};

/**
 * Verifies complete NDJSON or CSV exports, without a database or configuration. Several files are one chain, such as
 * archives and the export that continues them. Events missing at the end can only be detected with a head hash from
 * another source.
 *
 * @returns the result, where `first_bad` is the `seq` of the first invalid or missing event. In a filtered export, that
 *   is the first gap
 * @throws if a file cannot be read
 */
export async function verifyAuditFiles(
  files: readonly string[],
  { after, head }: FileEnds = {},
): Promise<AuditVerification> {
  const walk = new ChainWalk(after?.seq, after?.hash);
  const result = (ok: boolean) => ({
    ok,
    events: walk.events,
    ...(ok ? {} : { first_bad: walk.firstBad ?? walk.events + 1 }),
    head_hash: walk.head,
  });
  try {
    for (const file of files)
      for await (const value of await readEvents(file)) {
        const event = AuditEvent.safeParse(value);
        if (!event.success || !walk.add(event.data)) return result(false);
      }
  } catch (error) {
    // Invalid JSON or an unclosed quoted cell means that the event is invalid. Throw only if the file cannot be read.
    if (error instanceof Error && 'syscall' in error) throw error;
    return result(false);
  }
  return result(head === undefined || walk.head === head);
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

/** Turns a CSV record back into an event. Reverses `csvCell`. */
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
