/** Looks for a secret wherever this system could have left it. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import type { AppServer } from '../app-server';
import type { Services } from '../services';

/** What the app and its tools write: the build and its caches, locks and logs. */
const FOLDERS = ['.next', '.local', 'test-results'];

/** A secret as it could have been written down: raw, base64, URL- and JSON-escaped. */
function formsOf(secret: string): string[] {
  const base64 = Buffer.from(secret).toString('base64').replace(/=+$/, '');
  return [secret, base64, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)];
}

/**
 * @param folders searched file by file, which takes seconds for each secret; `[]` leaves the files out
 * @returns the places that hold one of the secrets in one of its forms; none, if all is well
 */
export async function findTraces(
  secrets: string[],
  { database, store }: Services,
  app: AppServer,
  folders: string[] = FOLDERS,
): Promise<string[]> {
  const forms = [...new Set(secrets.flatMap(formsOf))];
  const holdsOne = (content: string | Buffer) => forms.some((form) => content.includes(form));
  const places: [string, string][] = [
    ['the log', app.log()],
    ['Redis', JSON.stringify(await store.dump())],
    ...(await dumpDatabase(database.ownerUrl)),
  ];
  const found = places.filter(([, content]) => holdsOne(content)).map(([place]) => place);
  for (const folder of folders) found.push(...(await findInFolder(folder, holdsOne)));
  return found;
}

/** Files below a folder that hold a secret; a folder that is not there holds none. */
async function findInFolder(folder: string, holdsOne: (content: Buffer) => boolean): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const found: string[] = [];
  for (const entry of entries.filter((each) => each.isFile())) {
    const file = path.join(entry.parentPath, entry.name);
    // A file that is gone by now is one that holds nothing.
    const content = await readFile(file).catch(() => Buffer.alloc(0));
    if (holdsOne(content)) found.push(file);
  }
  return found;
}

/** Every row of every table, as text. */
export async function dumpDatabase(ownerUrl: string): Promise<[table: string, rows: string][]> {
  const client = new pg.Client(ownerUrl);
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      "SELECT quote_ident(table_name) AS name FROM information_schema.tables WHERE table_schema = 'public'",
    );
    const dumps: [string, string][] = [];
    for (const { name } of tables) {
      const { rows } = await client.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`);
      dumps.push([`the table ${name}`, rows.map(({ row }) => row).join('\n')]);
    }
    return dumps;
  } finally {
    await client.end();
  }
}

/** As GitHub's audit log writes it. */
export function hashedToken(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}
