import { chmod, mkdir } from 'node:fs/promises';
import path from 'node:path';

/**
 * Creates the run's folders for remains (`keep.ts`) and for temporary files, and sets the variables that name them. Only
 * this run uses its folder for temporary files, so every file in it comes from this run.
 *
 * @param home an existing folder of this run
 */
export async function prepareRemains(home: string): Promise<{ remains: string; temporary: string }> {
  // If this process is root, PostgreSQL runs as another user, so that user must be able to enter the folder.
  await chmod(home, 0o755);
  const [remains, temporary] = [path.join(home, 'remains'), path.join(home, 'tmp')];
  for (const folder of [remains, temporary]) await mkdir(folder);
  await chmod(temporary, 0o1777);
  Object.assign(process.env, { PULSESTREAM_REMAINS: remains, TMPDIR: temporary });
  return { remains, temporary };
}
