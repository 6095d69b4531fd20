import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, expect, test } from 'vitest';
import { createEmptyTestDatabase, createTestDatabase } from '../local/test/database';
import { diffSchemaAgainstDatabase, migrate } from './migrate';
import { PROJECT_PRISMA_FOLDER } from './migrations-on-disk';

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Creates a temporary folder with one migration, and with a grant on its table "kept". */
async function folderWith(sql: string): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'migrations-'));
  afterAll(() => rm(folder, { recursive: true }));
  await mkdir(path.join(folder, 'migrations/20260101000000_first'), { recursive: true });
  await writeFile(path.join(folder, 'migrations/20260101000000_first/migration.sql'), sql);
  await writeFile(path.join(folder, 'grants.sql'), 'GRANT SELECT ON "kept" TO :app_role;');
  return folder;
}

test('leads to exactly the schema that schema.prisma describes', async () => {
  const { ownerUrl } = await createTestDatabase();
  expect(await diffSchemaAgainstDatabase(ownerUrl)).toBe('');
});

test('reports a column that the migrations lack', async () => {
  const { ownerUrl } = await createTestDatabase();
  await query(ownerUrl, 'ALTER TABLE "users" DROP COLUMN "name"');
  expect(await diffSchemaAgainstDatabase(ownerUrl)).toContain('ADD COLUMN     "name"');
});

test('applies each migration once in two concurrent runs, and nothing in a third', async () => {
  const { ownerUrl, appUrl } = await createEmptyTestDatabase();
  const entries = await readdir(path.join(PROJECT_PRISMA_FOLDER, 'migrations'), { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const results = await Promise.all([migrate({ ownerUrl, appUrl }), migrate({ ownerUrl, appUrl })]);
  expect(results.flatMap(({ applied }) => applied).sort()).toEqual(names.sort());
  expect((await migrate({ ownerUrl, appUrl })).applied).toEqual([]);
});

test('runs a migration with semicolons in a function body as a whole, and grants the app role its privileges', async () => {
  const { ownerUrl, appUrl } = await createEmptyTestDatabase();
  const prismaFolder = await folderWith(`
    CREATE TABLE "kept" ("id" int);
    CREATE FUNCTION "two"() RETURNS int LANGUAGE plpgsql AS $$ BEGIN PERFORM 1; RETURN 2; END $$;`);
  await migrate({ ownerUrl, appUrl, prismaFolder });
  expect(await query(appUrl, 'SELECT two()')).toEqual([{ two: 2 }]);
  expect(await query(appUrl, 'SELECT * FROM "kept"')).toEqual([]);
  await expect(query(appUrl, 'DELETE FROM "kept"')).rejects.toThrow('permission denied');
});

test('rolls a failed migration back, and does not count it as applied', async () => {
  const { ownerUrl } = await createEmptyTestDatabase();
  const prismaFolder = await folderWith('CREATE TABLE "kept" ("id" int); SELECT 1/0;');
  await expect(migrate({ ownerUrl, prismaFolder })).rejects.toThrow('division by zero');
  expect(await query(ownerUrl, `SELECT to_regclass('kept') AS found`)).toEqual([{ found: null }]);
  await expect(migrate({ ownerUrl, prismaFolder })).rejects.toThrow('found failed migrations');
});

test('names an app role that does not exist', async () => {
  const { ownerUrl } = await createEmptyTestDatabase();
  const appUrl = ownerUrl.replace(/\/\/[^:]+/, '//nobody_here');
  await expect(migrate({ ownerUrl, appUrl })).rejects.toThrow('nobody_here');
});

test('refuses a database whose first schema is not public, and writes nothing there', async () => {
  const database = await createEmptyTestDatabase();
  const client = new pg.Client({ connectionString: database.ownerUrl });
  await client.connect();
  await client.query(`CREATE SCHEMA app; ALTER DATABASE ${database.name} SET search_path = app`);
  await expect(migrate(database)).rejects.toThrow('"public" has to be the first');
  const { rows } = await client.query(
    "SELECT 1 FROM information_schema.tables WHERE table_schema IN ('app', 'public')",
  );
  await client.end();
  expect(rows).toEqual([]);
});

test('redacts a secret in the message of a failure', async () => {
  const { ownerUrl } = await createEmptyTestDatabase();
  // Put a token where the role's name belongs, because the error message contains that name.
  const appUrl = new URL(ownerUrl);
  appUrl.username = `ghs_${'A1b2C3d4'.repeat(4)}`;
  const env = { ...process.env, MIGRATION_DATABASE_URL: ownerUrl, DATABASE_URL: appUrl.href };
  const failed = await promisify(execFile)(process.execPath, ['--import', 'tsx', 'prisma/migrate.ts'], {
    env,
  }).catch((error: { stderr: string }) => error.stderr);
  expect(failed).toContain('The role [redacted] of DATABASE_URL does not exist');
});
