import { z } from 'zod';
import { nextTurn } from '../turns';
import { plainName, unwrap } from './log-envelopes';
import { type CsvCell, readCsv, readJsonObjects } from './text-file';

/** The fields that the comparison needs from an entry of GitHub's audit log. */
export type GitHubLogEntry = {
  /**
   * GitHub's id for the entry, used to skip duplicates. There can be duplicates because streams deliver entries at
   * least once, and files may overlap.
   */
  id: string | null;
  /** Time of the event, in RFC 3339. */
  at: string | null;
  actor: string | null;
  hashedToken: string | null;
  accessType: string | null;
  installationId: number | null;
  /** The id and client id of the token's App; `null` if the entry lacks them. */
  appId: number | null;
  clientId: string | null;
};

const text = z
  .string()
  .nullish()
  .transform((value) => value || null);

const id = z
  .union([z.number(), z.string()])
  .nullish()
  .transform((value) => Number(value) || null);

/** Reads a time. GitHub exports milliseconds since 1970, as a number or a string. Other systems write RFC 3339. */
const time = z
  .union([z.number(), z.string()])
  .nullish()
  .transform((value) => {
    const ms =
      typeof value === 'string' && !/^\d+$/.test(value) ? Date.parse(value) : Number(value ?? Number.NaN);
    return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : null;
  });

const Fields = z.object({
  _document_id: text,
  '@timestamp': time,
  created_at: time,
  actor: text,
  hashed_token: text,
  programmatic_access_type: text,
  installation_id: id,
  integration_id: id,
  application_client_id: text,
});
/** The CSV columns to read: {@link Fields}, and the columns in which other systems put the whole entry or its time. */
const NAMES = [
  ...Fields.keyof().options,
  '_raw',
  '_time',
  'TimeGenerated',
  'message',
  'content',
  'Message',
  'Content',
] as const;

const Entry = Fields.transform(
  (entry): GitHubLogEntry => ({
    id: entry._document_id,
    at: entry['@timestamp'] ?? entry.created_at,
    actor: entry.actor,
    hashedToken: entry.hashed_token,
    accessType: entry.programmatic_access_type,
    installationId: entry.installation_id,
    appId: entry.integration_id,
    clientId: entry.application_client_id,
  }),
);

/** Thrown when a log has more entries than the caller accepts. */
export class TooManyEntries extends Error {
  override name = 'TooManyEntries';
}

/**
 * Streams the entries in exports of GitHub's audit log. A file may contain a JSON array, JSON objects or CSV. GitHub
 * may have written it, or a log system such as Splunk or Datadog that wraps the entries. Duplicate entries are skipped.
 *
 * @param options.workspaceId the workspace whose turns of the event loop the work takes. A command needs none, because
 *   it serves nobody else
 * @throws {TooManyEntries} if there are more than `most` entries
 * @throws if a file is truncated or in any other format
 */
export async function* readGitHubLog(
  files: AsyncIterable<string> | AsyncIterable<string>[],
  { workspaceId = '', most = Number.POSITIVE_INFINITY }: { workspaceId?: string; most?: number } = {},
): AsyncGenerator<GitHubLogEntry> {
  const known = new Set<string>();
  let count = 0;
  for (const pieces of Array.isArray(files) ? files : [files])
    for await (const value of readValues(pieces, workspaceId)) {
      if (++count > most) throw new TooManyEntries(`the log holds more than ${most} entries`);
      const entry = Entry.parse(value);
      if (entry.id !== null && known.has(entry.id)) continue;
      if (entry.id !== null && known.size < MAX_KNOWN_IDS) known.add(entry.id);
      yield entry;
    }
}

/**
 * How many ids to remember, which takes about 50 MB. After that, a duplicate may be counted twice, but that does not
 * change which tokens are unknown or unused.
 */
const MAX_KNOWN_IDS = 500_000;

async function* readValues(pieces: AsyncIterable<string>, workspaceId: string): AsyncGenerator<unknown> {
  const { first, all } = await peek(inTurns(pieces, workspaceId));
  const values = /^\s*[[{]/.test(first) ? readJsonObjects(all) : csvObjects(all);
  for await (const value of values) yield* unwrap(value);
}

/**
 * How much text to process before other requests may run. This takes only a few milliseconds, even if every entry is
 * just two characters long.
 */
const CHARACTERS_IN_A_TURN = 2 * 1024;

/**
 * Splits the text into small pieces, and lets other requests run after each piece, so that a large chunk does not delay
 * them.
 */
async function* inTurns(pieces: AsyncIterable<string>, workspaceId: string): AsyncGenerator<string> {
  for await (const piece of pieces)
    for (let at = 0; at < piece.length; at += CHARACTERS_IN_A_TURN) {
      yield piece.slice(at, at + CHARACTERS_IN_A_TURN);
      await nextTurn(workspaceId);
    }
}

/** Returns the first piece of a text together with the whole text. */
async function peek(pieces: AsyncIterable<string>): Promise<{ first: string; all: AsyncIterable<string> }> {
  const iterator = pieces[Symbol.asyncIterator]();
  const { value, done } = await iterator.next();
  const first = done ? '' : value;
  async function* all() {
    yield first;
    yield* { [Symbol.asyncIterator]: () => iterator };
  }
  return { first, all: all() };
}

async function* csvObjects(pieces: AsyncIterable<string>): AsyncGenerator<Record<string, string>> {
  let columns: { name: string; index: number }[] | undefined;
  for await (const cells of readCsv(pieces)) {
    if (columns === undefined) {
      const header = cells.map((cell) => plainName(textOf(cell)));
      columns = NAMES.map((name) => ({ name, index: header.indexOf(name) })).filter(
        ({ index }) => index >= 0,
      );
      if (!['actor', ...WHOLE_ENTRY].some((name) => header.includes(name)))
        throw new Error('not an export of GitHub’s audit log: no column "actor"');
    } else yield Object.fromEntries(columns.map(({ name, index }) => [nameOf(name), textOf(cells[index])]));
  }
}

const WHOLE_ENTRY = ['_raw', 'message', 'content', 'Message', 'Content'];

/** Lower-cases `Message` and `Content`, which Datadog writes with a capital letter. */
const nameOf = (name: string) => (name === 'Message' || name === 'Content' ? name.toLowerCase() : name);

/**
 * Removes the single quote that exports put before a cell's text to stop spreadsheets from running it as a formula. For
 * example, exports put one before a hash that begins with `+`.
 */
function textOf(cell: CsvCell | undefined): string {
  return cell?.text.replace(/^'(?=[=+\-@\t\r'])/, '') ?? '';
}
