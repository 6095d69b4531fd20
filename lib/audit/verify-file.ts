import { AuditEvent, type AuditVerification } from '../contract/audit-event';
import { ChainWalk } from './chain';
import { type CsvCell, readCsv } from './csv';
import { CSV_COLUMNS } from './export';
import { readLines, readText } from './text-file';

/**
 * Verifies a whole export, NDJSON or CSV, by itself: no database, no configuration. Whether events are missing at
 * its end only a head hash from elsewhere tells.
 *
 * @param expectedHead the hash that the last event has to have: from a log, a metric or an older export
 * @returns `first_bad`: `seq` of the first event that does not fit, or is missing. In a filtered export that is the
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
    // Not JSON, or a quoted cell without an end: this event is bad. A file that is not there is another matter.
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

/** The way back from `csvCell`. */
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
