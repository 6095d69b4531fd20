import { z } from 'zod';
import { nextTurn } from '../turns';
import { type CsvCell, readCsv } from './csv';
import { readJsonObjects } from './json-objects';
import { unwrap } from './log-envelopes';
import { plainName } from './log-field-names';

/** Of an entry of GitHub's audit log, what the join needs. */
export type GitHubLogEntry = {
  /** GitHub's own; its streams deliver at least once, and several files may overlap. */
  id: string | null;
  /** RFC 3339. */
  at: string | null;
  actor: string | null;
  hashedToken: string | null;
  accessType: string | null;
  installationId: number | null;
  /** Of the App whose token it was; not every entry has them. */
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

/** Milliseconds since 1970 in GitHub's own exports, as a number or as text; RFC 3339 in what others make of them. */
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
/** Of CSV, what the join needs, and the columns in which Splunk and Datadog write the whole entry. */
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

/** Whoever would compare a longer log is told so. */
export class TooManyEntries extends Error {
  override name = 'TooManyEntries';
}

/**
 * Entries of exports of GitHub's audit log: a JSON array, JSON objects, one a line or not, or CSV; as GitHub writes them
 * or as Splunk, Datadog and others wrap them. Read as a stream; an entry that comes twice counts once.
 *
 * @throws {TooManyEntries} when they hold more than `most`
 * @throws when one is none of these, or is cut off
 */
export async function* readGitHubLog(
  files: AsyncIterable<string> | AsyncIterable<string>[],
  most = Number.POSITIVE_INFINITY,
): AsyncGenerator<GitHubLogEntry> {
  const known = new Set<string>();
  let count = 0;
  for (const pieces of Array.isArray(files) ? files : [files])
    for await (const value of readValues(pieces)) {
      if (++count > most) throw new TooManyEntries(`the log holds more than ${most} entries`);
      const entry = Entry.parse(value);
      if (entry.id !== null && known.has(entry.id)) continue;
      if (entry.id !== null && known.size < KNOWN) known.add(entry.id);
      yield entry;
    }
}

/** Ids that are kept: half a million are some 50 MB. Beyond them an entry may count twice, and no result changes. */
const KNOWN = 500_000;

async function* readValues(pieces: AsyncIterable<string>): AsyncGenerator<unknown> {
  const { first, all } = await peek(inTurns(pieces));
  const values = /^\s*[[{]/.test(first) ? readJsonObjects(all) : csvObjects(all);
  for await (const value of values) yield* unwrap(value);
}

/** An entry takes two characters at least, so this is some milliseconds of work. */
const CHARACTERS_IN_A_TURN = 2 * 1024;

/** The same text with a pause after each bit of it: what came at once must not hold up everybody else's requests. */
async function* inTurns(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const piece of pieces)
    for (let at = 0; at < piece.length; at += CHARACTERS_IN_A_TURN) {
      yield piece.slice(at, at + CHARACTERS_IN_A_TURN);
      await nextTurn();
    }
}

/** The beginning of a text, and the text with its beginning. */
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

/** Datadog's columns have a capital. */
const nameOf = (name: string) => (name === 'Message' || name === 'Content' ? name.toLowerCase() : name);

/** A hash may begin with `+`, and a cell that does gets a quote in front against spreadsheets. */
function textOf(cell: CsvCell | undefined): string {
  return cell?.text.replace(/^'(?=[=+\-@\t\r'])/, '') ?? '';
}
