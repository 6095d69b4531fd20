/**
 * Keeps the contents of a test run's servers for the search after the run (F11). Databases, stores and logs are gone
 * when a
 * run is over. Each of them is therefore written, when it ends, to the folder that `npm test` names in
 * `PULSESTREAM_REMAINS`.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

export const KINDS = ['databases', 'stores', 'logs'] as const;

/** Returns false outside of `npm test`. */
export const keepsRemains = (): boolean => process.env.PULSESTREAM_REMAINS !== undefined;

/** Writes the content to the folder of its kind. @param name names it in a finding; need not be unique */
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
