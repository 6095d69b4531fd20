/**
 * `npx tsx prisma/author-migration.ts NAME` writes `prisma/migrations/<timestamp>_NAME/migration.sql`. Its SQL turns
 * the schema of the existing migrations into `schema.prisma`. Read the file, complete it by hand (triggers, checks) and
 * commit it. The command applies the existing migrations to a temporary PostgreSQL, and touches no other database.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createDatabase } from '../local/services/postgres/databases';
import { startPostgres } from '../local/services/postgres/server';
import { findBlocking } from './blocking-statements';
import { diffSchemaAgainstDatabase, migrate } from './migrate';
import { PROJECT_PRISMA_FOLDER } from './migrations-on-disk';

async function author(name: string, prismaFolder: string): Promise<string | undefined> {
  const postgres = await startPostgres();
  try {
    const { ownerUrl } = await createDatabase(postgres.server);
    await migrate({ ownerUrl, prismaFolder });
    const sql = await diffSchemaAgainstDatabase(ownerUrl, prismaFolder);
    if (sql === '') return undefined;
    const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
    const file = path.join(prismaFolder, 'migrations', `${stamp}_${name}`, 'migration.sql');
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, `${sql}\n`, { flag: 'wx' });
    await writeFile(path.join(prismaFolder, 'migrations/migration_lock.toml'), 'provider = "postgresql"\n');
    for (const { statement, instead } of findBlocking(sql))
      console.error(`This would keep writers waiting:\n${statement}\nUse ${instead}.\n`);
    return file;
  } finally {
    await postgres.stop();
  }
}

const [, , name, prismaFolder = PROJECT_PRISMA_FOLDER] = process.argv;
if (name === undefined || !/^[a-z][a-z0-9_]*$/.test(name)) {
  console.error('usage: npx tsx prisma/author-migration.ts name_in_snake_case [prisma folder]');
  process.exitCode = 2;
} else {
  console.log(
    (await author(name, prismaFolder)) ?? 'schema.prisma agrees with the migrations: nothing to write',
  );
}
