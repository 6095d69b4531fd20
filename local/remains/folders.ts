import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** The folders that the app and its tools write to: the build with its caches, the locks and the logs. */
export const WRITTEN_FOLDERS = ['.next', '.local', 'test-results'];

/** Returns the files in the folders whose content satisfies `fits`. A missing folder counts as empty. */
export async function findInFolders(
  folders: string[],
  fits: (content: Buffer) => boolean,
): Promise<string[]> {
  const found: string[] = [];
  for (const folder of folders) {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
    for (const entry of entries.filter((each) => each.isFile())) {
      const file = path.join(entry.parentPath, entry.name);
      // The file may have been deleted since the folder was read.
      const content = await readFile(file).catch(() => Buffer.alloc(0));
      if (fits(content)) found.push(file);
    }
  }
  return found;
}
