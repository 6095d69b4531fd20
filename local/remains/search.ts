/**
 * Searches everything that a test run left behind (F11): the kept databases, stores and logs, and the files on disk.
 * Sources are not searched, because tests plant secrets there.
 */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { findInFolders, WRITTEN_FOLDERS } from './folders';
import { KINDS } from './keep';
import { holdsSecret } from './secret-forms';

/**
 * @param temporary the run's own folder for temporary files
 * @returns one line for each place that holds a secret, never the secret; none, if all is well
 */
export async function searchRemains(
  remains: string,
  temporary: string,
  written: string[] = WRITTEN_FOLDERS,
): Promise<string[]> {
  const complaints: string[] = [];
  for (const kind of KINDS) {
    const kept = await readdir(path.join(remains, kind)).catch(() => []);
    // A search without input would find nothing, so it has to fail.
    if (kept.length === 0) complaints.push(`no ${kind} were kept`);
  }
  const places = await findInFolders([remains, temporary, ...written], holdsSecret);
  return [...complaints, ...places.map((place) => `a secret in ${place}`)];
}
