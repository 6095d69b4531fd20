import { z } from 'zod';
import { readCsv } from './csv';
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

const Entry = z
  .object({
    '@timestamp': time,
    created_at: time,
    actor: text,
    hashed_token: text,
    programmatic_access_type: text,
    installation_id: z.union([z.number(), z.string()]).nullish(),
  })
  .transform(
    (entry): GitHubLogEntry => ({
      at: entry['@timestamp'] ?? entry.created_at,
      actor: entry.actor,
      hashedToken: entry.hashed_token,
      accessType: entry.programmatic_access_type,
      installationId: Number(entry.installation_id) || null,
    }),
  );

/**
 * Entries of an export of GitHub's audit log: a JSON array, one JSON object a line, or CSV. Read as a stream.
 *
 * @throws when it is none of these, or is cut off
 */
export async function* readGitHubLog(pieces: AsyncIterable<string>): AsyncGenerator<GitHubLogEntry> {
  const { first, all } = await peek(pieces);
  const values = /^\s*[[{]/.test(first) ? readJsonObjects(all) : csvObjects(all);
  for await (const value of values) yield Entry.parse(value);
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
  let header: string[] | undefined;
  for await (const cells of readCsv(pieces)) {
    // A hash may begin with `+`, and a cell that does gets a quote in front against spreadsheets.
    const texts = cells.map((cell) => cell.text.replace(/^'(?=[=+\-@\t\r'])/, ''));
    if (header !== undefined)
      yield Object.fromEntries(header.map((name, index) => [name, texts[index] ?? '']));
    else if (texts.includes('actor')) header = texts;
    else throw new Error('not an export of GitHub’s audit log: no column "actor"');
  }
}
