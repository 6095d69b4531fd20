import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterAll, expect, test } from 'vitest';
import { createEmptyTestDatabase } from '../local/test/database';
import { migrate } from './migrate';
import { readMigrations } from './migrations-on-disk';

/** Migrations before this one have been released and no longer change, so the last test checks only later ones. */
const SINCE = '20261129';

const FIRST = 'CREATE TABLE "kept" ("id" int); CREATE TABLE "other" ("id" int);';

/** Creates a temporary folder with migrations, in this order. */
async function folderWith(...scripts: string[]): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'migrations-'));
  afterAll(() => rm(folder, { recursive: true }));
  await writeFile(path.join(folder, 'grants.sql'), '');
  for (const [index, sql] of scripts.entries()) await addMigration(folder, index, sql);
  return folder;
}

async function addMigration(folder: string, index: number, sql: string): Promise<void> {
  const migration = path.join(folder, `migrations/2026010100000${index}_step`);
  await mkdir(migration, { recursive: true });
  await writeFile(path.join(migration, 'migration.sql'), sql);
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client(url);
  await client.connect();
  afterAll(() => client.end());
  return client;
}

/** Counts statements that wait for a lock on a table, or for older transactions, as an index build does. */
const WAITS = `SELECT count(*)::int AS n FROM pg_locks WHERE NOT granted AND database IS NOT DISTINCT FROM
  (CASE locktype WHEN 'relation' THEN (SELECT oid FROM pg_database WHERE datname = current_database()) END)`;

test('lets writers pass while a change waits for a reader of the table, and applies it once the reader ends', async () => {
  const { ownerUrl } = await createEmptyTestDatabase();
  const prismaFolder = await folderWith(FIRST);
  await migrate({ ownerUrl, prismaFolder });
  const [reader, writer] = [await connect(ownerUrl), await connect(ownerUrl)];
  await reader.query('BEGIN; SELECT FROM kept');
  await addMigration(
    prismaFolder,
    1,
    'ALTER TABLE "kept" ADD COLUMN "name" text; CREATE TABLE "third" ("id" int);',
  );
  const migrating = migrate({ ownerUrl, prismaFolder });
  await expect.poll(async () => (await writer.query(WAITS)).rows[0]?.n).toBeGreaterThan(0);
  // If the migration waited without a limit, this statement would queue behind it until the reader ends.
  await writer.query("SET lock_timeout = '60s'");
  await writer.query('INSERT INTO kept (id) VALUES (1)');
  await reader.query('COMMIT');
  expect((await migrating).applied).toHaveLength(1);
  expect((await writer.query('SELECT name FROM kept')).rows).toEqual([{ name: null }]);
});

test('builds an index while others write, and while a writer keeps its transaction open', async () => {
  const { ownerUrl } = await createEmptyTestDatabase();
  const prismaFolder = await folderWith(FIRST);
  await migrate({ ownerUrl, prismaFolder });
  const [open, writer] = [await connect(ownerUrl), await connect(ownerUrl)];
  await open.query('BEGIN; INSERT INTO kept (id) VALUES (1)');
  await addMigration(prismaFolder, 1, '-- Why.\nCREATE INDEX CONCURRENTLY "kept_id_idx" ON "kept" ("id");\n');
  const migrating = migrate({ ownerUrl, prismaFolder });
  await expect
    .poll(
      async () =>
        (await writer.query(`SELECT FROM pg_stat_progress_create_index WHERE phase LIKE 'waiting%'`))
          .rowCount,
    )
    .toBe(1);
  await writer.query("SET lock_timeout = '1ms'");
  await writer.query('INSERT INTO kept (id) VALUES (2)');
  await open.query('COMMIT');
  expect((await migrating).applied).toHaveLength(1);
  expect(await isValid(writer)).toBe(true);
});

test('rebuilds an index in the next run after an interrupted build', async () => {
  const { ownerUrl } = await createEmptyTestDatabase();
  const prismaFolder = await folderWith(FIRST);
  await migrate({ ownerUrl, prismaFolder });
  const owner = await connect(ownerUrl);
  await owner.query('INSERT INTO kept (id) VALUES (1), (1)');
  await addMigration(prismaFolder, 1, 'CREATE UNIQUE INDEX CONCURRENTLY "kept_id_idx" ON "kept" ("id");');
  await expect(migrate({ ownerUrl, prismaFolder })).rejects.toThrow('Unique constraint failed');
  expect(await isValid(owner)).toBe(false);
  await owner.query('TRUNCATE kept');
  expect((await migrate({ ownerUrl, prismaFolder })).applied).toHaveLength(1);
  expect(await isValid(owner)).toBe(true);
});

/** Returns SQL that fails only the first time. It counts with a sequence, which a rollback does not reset. */
const failingOnce = (sqlstate: string) => `DO $$ BEGIN
    IF nextval('tries') = 1 THEN RAISE EXCEPTION 'not now' USING ERRCODE = '${sqlstate}'; END IF;
  END $$;`;

test('repeats a change immediately after it lost a deadlock with writers', async () => {
  const { ownerUrl } = await createEmptyTestDatabase();
  const change = `CREATE TABLE "third" ("id" int); ${failingOnce('40P01')}`;
  const prismaFolder = await folderWith('CREATE SEQUENCE "tries";', change);
  expect((await migrate({ ownerUrl, prismaFolder })).applied).toHaveLength(2);
});

test('applies a change in the next run after the owner lacked a privilege', async () => {
  const { ownerUrl } = await createEmptyTestDatabase();
  const change = `CREATE TABLE "third" ("id" int); ${failingOnce('42501')}`;
  const prismaFolder = await folderWith('CREATE SEQUENCE "tries";', change);
  await expect(migrate({ ownerUrl, prismaFolder })).rejects.toThrow('not now');
  expect((await migrate({ ownerUrl, prismaFolder })).applied).toHaveLength(1);
});

test('records a sync and a mint of the app while the migrations after the new triggers still run', async () => {
  const { ownerUrl, appUrl } = await createEmptyTestDatabase();
  const prismaFolder = await mkdtemp(path.join(tmpdir(), 'migrations-'));
  afterAll(() => rm(prismaFolder, { recursive: true }));
  const copy = (isWanted: (name: string) => boolean) =>
    cp('prisma/migrations', path.join(prismaFolder, 'migrations'), {
      recursive: true,
      filter: (source) => /^\d/.test(path.basename(source)) === false || isWanted(path.basename(source)),
    });
  await copy((name) => name < SINCE);
  await writeFile(
    path.join(prismaFolder, 'grants.sql'),
    `GRANT SELECT, INSERT, UPDATE ON "installations", "repositories", "workspaces" TO :app_role;
     GRANT SELECT ON "audit_events", "audit_chains" TO :app_role;
     GRANT INSERT ("workspace_id", "type", "actor_type", "actor_id", "actor_label", "request_id", "details")
       ON "audit_events" TO :app_role;`,
  );
  await migrate({ ownerUrl, appUrl, prismaFolder });
  await copy(() => true);
  // Without the app's URL, `migrate` applies no grants, so the app's role still has only the old ones.
  await migrate({ ownerUrl, prismaFolder });
  const app = await connect(appUrl);
  await app.query(`INSERT INTO installations (id, account_id, account_login, account_type, repository_selection)
    VALUES (1, 1, 'acme', 'Organization', 'all')`);
  await app.query(`INSERT INTO repositories (installation_id, id, owner, name, clone_url, default_branch, private, archived)
    VALUES (1, 7, 'acme', 'api', 'https://github.test/acme/api.git', 'main', true, false)`);
  const { rows } = await app.query(
    `INSERT INTO workspaces (slug, name) VALUES ('acme', 'Acme') RETURNING id`,
  );
  await app.query(
    `INSERT INTO audit_events (workspace_id, type, actor_type, actor_id, actor_label, request_id, details)
      VALUES ($1, 'github.token_minted', 'system', 'system:test', 'test', 'r', '{"repositories":[{"id":7,"full_name":"acme/api"}]}')`,
    [rows[0]?.id],
  );
  expect((await app.query('SELECT repository_id FROM minted_repositories')).rows).toEqual([
    { repository_id: '7' },
  ]);
});

async function isValid(client: pg.Client): Promise<boolean | undefined> {
  const { rows } = await client.query(
    `SELECT indisvalid FROM pg_index WHERE indexrelid = 'kept_id_idx'::regclass`,
  );
  return rows[0]?.indisvalid;
}

test('builds every index on a table in use concurrently, and in a migration of its own', async () => {
  const { baseDir, migrationDirectories } = await readMigrations();
  const later = migrationDirectories.map(({ path }) => path).filter((name) => name >= SINCE);
  expect(later.length).toBeGreaterThan(0);
  for (const name of later) {
    const sql = (await readFile(path.join(baseDir, name, 'migration.sql'), 'utf8')).replace(/--.*$/gm, '');
    const made = new Set([...sql.matchAll(/CREATE TABLE (?:"public"\.)?"(\w+)"/g)].map((match) => match[1]));
    const indexes = [
      ...sql.matchAll(/CREATE (?:UNIQUE )?INDEX\s+(CONCURRENTLY)?[^;]*?\sON\s+(?:"public"\.)?"?(\w+)"?/gi),
    ];
    const blocking = indexes.filter(([, concurrently, table]) => !concurrently && !made.has(table));
    expect(blocking.map(([statement]) => `${name}: ${statement}`)).toEqual([]);
    if (indexes.some(([, concurrently]) => concurrently))
      expect([name, sql.split(';').filter((part) => part.trim() !== '').length]).toEqual([name, 1]);
  }
});
