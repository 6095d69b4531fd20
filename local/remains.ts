/**
 * What a test run leaves behind (F11). Its databases, stores and logs are gone when it is over, so whoever ends one
 * of them writes what it held to the folder that `npm test` names in `PULSESTREAM_REMAINS`; the last step of the run
 * searches there, and in everything that was written to the disk, for whatever looks like a secret. Sources are not
 * searched: the secrets that tests plant stand there.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { findInFolders, WRITTEN_FOLDERS } from './find-in-folders';
import { holdsSecret } from './secret-forms';

const KINDS = ['databases', 'stores', 'logs'] as const;

/** Nothing is kept outside of `npm test`. */
export const keepsRemains = (): boolean => process.env.PULSESTREAM_REMAINS !== undefined;

/** @param name what a finding is called by; need not be unique */
export async function keepRemains(
  kind: (typeof KINDS)[number],
  name: string,
  content: string | Buffer,
): Promise<void> {
  const folder = process.env.PULSESTREAM_REMAINS;
  if (folder === undefined) return;
  await mkdir(path.join(folder, kind), { recursive: true });
  await writeFile(path.join(folder, kind, `${name} ${randomUUID().slice(0, 8)}`), content);
}

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
    // A search that has nothing to look at finds nothing.
    if (kept.length === 0) complaints.push(`no ${kind} were kept`);
  }
  const places = await findInFolders([remains, temporary, ...written], holdsSecret);
  return [...complaints, ...places.map((place) => `a secret in ${place}`)];
}
