/** Searches for a secret in every place where this system could have left one. */
import { createHash } from 'node:crypto';
import type { AppServer } from '../app/server';
import { findInFolders, WRITTEN_FOLDERS } from '../remains/folders';
import type { Services } from '../services';
import { dumpDatabase } from '../services/postgres/dump';

/** Returns the encodings in which a secret could have been written: raw, base64, URL-escaped and JSON-escaped. */
function formsOf(secret: string): string[] {
  const base64 = Buffer.from(secret).toString('base64').replace(/=+$/, '');
  return [secret, base64, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)];
}

/**
 * Searches the log, Redis, the database and the folders for secrets.
 *
 * @param folders searched file by file, which takes seconds for each secret; `[]` skips them
 * @returns the places that contain a secret in any encoding; empty if all is well
 */
export async function findTraces(
  secrets: string[],
  { database, store }: Services,
  app: AppServer,
  folders: string[] = WRITTEN_FOLDERS,
): Promise<string[]> {
  const forms = [...new Set(secrets.flatMap(formsOf))];
  const holdsOne = (content: string | Buffer) => forms.some((form) => content.includes(form));
  const places: [string, string][] = [
    ['the log', app.log()],
    ['Redis', JSON.stringify(await store.dump())],
    ...(await dumpDatabase(database.ownerUrl)),
  ];
  const found = places.filter(([, content]) => holdsOne(content)).map(([place]) => place);
  return [...found, ...(await findInFolders(folders, holdsOne))];
}

/** Returns the token's hash in the format of GitHub's audit log. */
export function hashedToken(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}
