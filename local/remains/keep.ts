/**
 * Saves the contents of a test run's servers, so they can be searched for secrets after the run (F11 in
 * docs/faults.md). A database, store or log disappears when its server ends, so its contents are written to the folder
 * in `PULSESTREAM_REMAINS`, which `npm test` sets.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

export const KINDS = ['databases', 'stores', 'logs'] as const;

/** True during `npm test`, false otherwise. */
export const keepsRemains = (): boolean => process.env.PULSESTREAM_REMAINS !== undefined;

/**
 * Writes the content to the folder for its kind.
 *
 * @param name appears in a finding; need not be unique
 */
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
