import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MigrationDirectory, MigrationList, SchemasContainer } from '@prisma/schema-engine-wasm';

const PRISMA_FOLDER = path.dirname(fileURLToPath(import.meta.url));

/** The folder with the project's `schema.prisma`, `migrations/` and `grants.sql`. Tests use folders of their own. */
export const PROJECT_PRISMA_FOLDER = PRISMA_FOLDER;

/** Returns all migrations of a folder, sorted by name. Names begin with a timestamp, so this is the order to apply. */
export async function readMigrations(prismaFolder: string = PRISMA_FOLDER): Promise<MigrationList> {
  const baseDir = path.join(prismaFolder, 'migrations');
  const entries = await readdir(baseDir, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return {
    baseDir,
    lockfile: {
      path: 'migration_lock.toml',
      content: await readFile(path.join(baseDir, 'migration_lock.toml'), 'utf8').catch(() => null),
    },
    shadowDbInitScript: '',
    migrationDirectories: await Promise.all(names.sort().map((name) => readMigration(baseDir, name))),
  };
}

async function readMigration(baseDir: string, name: string): Promise<MigrationDirectory> {
  const content = await readFile(path.join(baseDir, name, 'migration.sql'), 'utf8');
  return { path: name, migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: content } } };
}

export async function readSchema(prismaFolder: string = PRISMA_FOLDER): Promise<SchemasContainer> {
  const file = path.join(prismaFolder, 'schema.prisma');
  return { files: [{ path: file, content: await readFile(file, 'utf8') }] };
}
