import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { onePerProcess } from '../async';
import { isNotReadable } from './server-facts';
import { query, sql } from './sql';

/** A checkout has the migrations in the first folder. The image has them beside the operator's commands. */
const FOLDERS = ['prisma/migrations', 'cli/migrations'];

/** Returns the names of the migrations that this version brings; `undefined` where none are at hand. Reads them once. */
export const migrationNames = onePerProcess<readonly string[] | undefined>('migration names', () => {
  // Without the comments `turbopackIgnore`, the build would copy the whole project to the image.
  const root = process.cwd();
  const folders = FOLDERS.map((folder) => path.join(/* turbopackIgnore: true */ root, folder));
  const found = folders.find((folder) => existsSync(/* turbopackIgnore: true */ folder));
  if (found === undefined) return undefined;
  return readdirSync(/* turbopackIgnore: true */ found)
    .filter((name) => /^\d{14}_/.test(name))
    .sort();
});

/** Thrown if this version needs migrations that the database lacks. */
export class MigrationsPending extends Error {
  override readonly name = 'MigrationsPending';
}

/**
 * Asserts that the database answers, and has every migration of this version. Newer ones are fine: they are compatible
 * with this version. Takes one statement, like the question whether the database answers at all.
 *
 * @throws {MigrationsPending}; the database's error
 */
export async function assertMigrated(names: readonly string[] = migrationNames() ?? []): Promise<void> {
  const pending = await query(
    'probe',
    sql<{ name: string }>`SELECT name FROM unnest(${[...names]}::text[]) AS name
      WHERE NOT EXISTS (SELECT FROM _prisma_migrations
        WHERE migration_name = name AND finished_at IS NOT NULL AND rolled_back_at IS NULL)`,
  ).catch((error: unknown) => {
    // The doctor reports this. Here it would take a working process out of service.
    if (isNotReadable(error)) return [];
    throw error;
  });
  if (pending.length > 0) throw new MigrationsPending('migrations are pending: run "npm run db:migrate"');
}
