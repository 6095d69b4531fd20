/**
 * Searches everything that a test run left behind (F11 in docs/faults.md): the kept databases, stores and logs, and the
 * files on disk. Source files are not searched, because tests contain made-up secrets.
 */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { findInFolders, WRITTEN_FOLDERS } from './folders';
import { KINDS } from './keep';
import { holdsSecret } from './secret-forms';

/**
 * Searches the kept contents and the folders for secrets.
 *
 * @param temporary the run's own folder for temporary files
 * @returns one line for each place with a secret, without the secret itself; empty if all is well
 */
export async function searchRemains(
  remains: string,
  temporary: string,
  written: string[] = WRITTEN_FOLDERS,
): Promise<string[]> {
  const complaints: string[] = [];
  for (const kind of KINDS) {
    const kept = await readdir(path.join(remains, kind)).catch(() => []);
    // If nothing was kept, there was nothing to search and the check would pass by accident, so report that.
    if (kept.length === 0) complaints.push(`no ${kind} were kept`);
  }
  const places = await findInFolders([remains, temporary, ...written], holdsSecret);
  return [...complaints, ...places.map((place) => `a secret in ${place}`)];
}
