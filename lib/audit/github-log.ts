import { z } from 'zod';
import { nextTurn } from '../turns';
import { type CsvCell, readCsv } from './csv';
import { readJsonObjects } from './json-objects';

/** Of an entry of GitHub's audit log, what the join needs. */
export type GitHubLogEntry = {
  /** RFC 3339. */
  at: string | null;
  actor: string | null;
  hashedToken: string | null;
  accessType: string | null;
  installationId: number | null;
};

const text = z
  .string()
  .nullish()
  .transform((value) => value || null);

/** Milliseconds since 1970 in GitHub's own exports, as a number or as text; RFC 3339 in what others make of them. */
const time = z
  .union([z.number(), z.string()])
  .nullish()
  .transform((value) => {
    const ms =
      typeof value === 'string' && !/^\d+$/.test(value) ? Date.parse(value) : Number(value ?? Number.NaN);
    return Number.isNaN(ms) ? null : new Date(ms).toISOString();
  });

const Fields = z.object({
  '@timestamp': time,
  created_at: time,
  actor: text,
  hashed_token: text,
  programmatic_access_type: text,
  installation_id: z.union([z.number(), z.string()]).nullish(),
});
const NAMES = Fields.keyof().options;

const Entry = Fields.transform(
  (entry): GitHubLogEntry => ({
    at: entry['@timestamp'] ?? entry.created_at,
    actor: entry.actor,
    hashedToken: entry.hashed_token,
    accessType: entry.programmatic_access_type,
    installationId: Number(entry.installation_id) || null,
  }),
);

/** Whoever would compare a longer log is told so. */
export class TooManyEntries extends Error {
  override name = 'TooManyEntries';
}

/**
 * Entries of an export of GitHub's audit log: a JSON array, one JSON object a line, or CSV. Read as a stream.
 *
 * @throws {TooManyEntries} when it holds more than `most`
 * @throws when it is none of these, or is cut off
 */
export async function* readGitHubLog(
  pieces: AsyncIterable<string>,
  most = Number.POSITIVE_INFINITY,
): AsyncGenerator<GitHubLogEntry> {
  const { first, all } = await peek(inTurns(pieces));
  const values = /^\s*[[{]/.test(first) ? readJsonObjects(all) : csvObjects(all);
  let count = 0;
  for await (const value of values) {
    if (++count > most) throw new TooManyEntries(`the log holds more than ${most} entries`);
    yield Entry.parse(value);
  }
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
      const header = cells.map(textOf);
      columns = NAMES.map((name) => ({ name, index: header.indexOf(name) })).filter(
        ({ index }) => index >= 0,
      );
      if (!header.includes('actor'))
        throw new Error('not an export of GitHub’s audit log: no column "actor"');
    } else yield Object.fromEntries(columns.map(({ name, index }) => [name, textOf(cells[index])]));
  }
}

/** A hash may begin with `+`, and a cell that does gets a quote in front against spreadsheets. */
function textOf(cell: CsvCell | undefined): string {
  return cell?.text.replace(/^'(?=[=+\-@\t\r'])/, '') ?? '';
}
