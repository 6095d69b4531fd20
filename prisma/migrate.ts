/**
 * `npm run db:migrate` applies `prisma/migrations`, then grants the app's role its privileges. It does the same work as
 * `prisma migrate deploy` on the same `_prisma_migrations` table, so you can switch between the two. Unlike that
 * command, it downloads nothing.
 *
 * It uses two roles, because a table's owner can drop triggers and isn't bound by REVOKE. The database owner role runs
 * the migrations. The app runs as another role, which therefore can't change an audit row.
 */
import { existsSync, realpathSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { MigrationList } from '@prisma/schema-engine-wasm';
import pg from 'pg';
import { readDatabaseUrls } from '../lib/config/database-urls';
import { findPowers } from '../lib/db/role-powers';
import { redact } from '../lib/observability/redact';
import { isConcurrent, mayRepeat } from './execute-script';
import { PROJECT_PRISMA_FOLDER, readMigrations, readSchema } from './migrations-on-disk';
import { withSchemaEngine } from './schema-engine';

/** The key of our advisory lock. Any number will do except 72707369, which Prisma's engine may use. */
const ADVISORY_LOCK = 5_147_220_601;

const NO_FILTER = { externalTables: [], externalEnums: [] };

export interface MigrateOptions {
  /**
   * The connection URL of the role that owns the database and its tables. It must not go through a transaction pooler,
   * because the migration holds a session-level advisory lock.
   */
  ownerUrl: string;
  /**
   * The connection URL of the app's role, of which we only read the user name. If that is also the database owner role,
   * no grants are applied.
   */
  appUrl?: string;
  /** The folder with `migrations/` and `grants.sql`. By default the project's own. */
  prismaFolder?: string;
}

export interface MigrateResult {
  /** Names of the migrations that this call applied. */
  applied: string[];
  /** The app's role, which received its privileges. Missing if the app's role is also the database owner role. */
  grantedTo?: string;
  /**
   * Privileges that this role must not have but that the database owner role couldn't revoke (`lib/db/role-powers.ts`).
   */
  powersLeft?: string[];
}

/**
 * Applies all pending migrations and the grants. It's safe to call repeatedly and concurrently on several machines,
 * because an advisory lock lets only one run proceed at a time.
 *
 * @throws if the database is unreachable, its schema is not `public`, a migration fails, or the app's role is missing
 */
export async function migrate(options: MigrateOptions): Promise<MigrateResult> {
  const prismaFolder = options.prismaFolder ?? PROJECT_PRISMA_FOLDER;
  const client = new pg.Client({ connectionString: options.ownerUrl });
  await client.connect();
  try {
    await waitForTurn(client);
    await assertPublicSchema(client);
    const migrationsList = await readMigrations(prismaFolder);
    const interrupted = await findInterrupted(client, migrationsList);
    const { appliedMigrationNames } = await withSchemaEngine(options.ownerUrl, async (engine) => {
      for (const migrationName of interrupted) await engine.markMigrationRolledBack({ migrationName });
      return engine.applyMigrations({ migrationsList, filters: NO_FILTER });
    });
    const appRole = options.appUrl === undefined ? undefined : roleOf(options.appUrl);
    if (appRole === undefined || appRole === roleOf(options.ownerUrl))
      return { applied: appliedMigrationNames };
    await applyGrants(client, prismaFolder, appRole);
    const powersLeft = await findPowers(client, appRole);
    return { applied: appliedMigrationNames, grantedTo: appRole, powersLeft };
  } finally {
    // Closing the session also releases the advisory lock.
    await client.end();
  }
}

/**
 * Returns the SQL that would make the database at `url` agree with `schema.prisma`, or an empty string if they agree.
 * The engine's own table is not compared.
 */
export async function diffSchemaAgainstDatabase(url: string, prismaFolder?: string): Promise<string> {
  const schema = await readSchema(prismaFolder);
  const { stdout } = await withSchemaEngine(url, (engine) =>
    engine.diff({
      // The engine reads the database through its adapter. It takes only the provider from the schema file.
      from: { tag: 'schemaDatasource', configDir: prismaFolder ?? PROJECT_PRISMA_FOLDER, ...schema },
      to: { tag: 'schemaDatamodel', ...schema },
      script: true,
      exitCode: null,
      filters: NO_FILTER,
    }),
  );
  const sql = (stdout ?? '').trim();
  return sql === '-- This is an empty migration.' ? '' : sql;
}

/** Throws unless the search path begins with `public`, because the grants and Prisma's statements name that schema. */
async function assertPublicSchema(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ schema: string | null }>('SELECT current_schema() AS schema');
  const schema = rows[0]?.schema;
  if (schema !== 'public')
    throw new Error(
      `The schema "public" has to be the first in the search_path of the migrating role; it is ${schema ? `"${schema}"` : 'missing'}.`,
    );
}

/** The pause between two attempts to get the lock, in milliseconds. */
const TURN_PAUSE_MS = 200;

/**
 * Waits until no other process is migrating, and takes the lock. We poll, because a statement waiting for the lock
 * would hold a snapshot. If the other process is building an index concurrently, that build would wait for our snapshot
 * forever.
 */
async function waitForTurn(client: pg.Client): Promise<void> {
  for (;;) {
    const { rows } = await client.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1) AS taken', [
      ADVISORY_LOCK,
    ]);
    if (rows[0]?.taken === true) return;
    await sleep(TURN_PAUSE_MS);
  }
}

/**
 * Finds unfinished migrations that are safe to repeat: concurrent index builds, and migrations that couldn't get a lock
 * or lacked a privilege. Any other failure is left to the operator.
 */
async function findInterrupted(
  client: pg.Client,
  { migrationDirectories }: MigrationList,
): Promise<string[]> {
  const { rows: known } = await client.query("SELECT to_regclass('_prisma_migrations') AS found");
  if (known[0]?.found === null) return [];
  const { rows } = await client.query<{ name: string; logs: string | null }>(
    `SELECT migration_name AS name, logs FROM _prisma_migrations WHERE finished_at IS NULL AND rolled_back_at IS NULL`,
  );
  const concurrent = new Set(
    migrationDirectories
      .filter(
        ({ migrationFile }) =>
          migrationFile.content.tag === 'ok' && isConcurrent(migrationFile.content.value),
      )
      .map(({ path }) => path),
  );
  return rows.filter(({ name, logs }) => concurrent.has(name) || mayRepeat(logs)).map(({ name }) => name);
}

async function applyGrants(client: pg.Client, prismaFolder: string, appRole: string): Promise<void> {
  const { rowCount } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [appRole]);
  if (rowCount === 0) throw new Error(`The role ${appRole} of DATABASE_URL does not exist: create it first.`);
  const template = await readFile(path.join(prismaFolder, 'grants.sql'), 'utf8');
  const { rows } = await client.query<{ name: string }>('SELECT current_database() AS name');
  const grants = template
    .replaceAll(':app_role', pg.escapeIdentifier(appRole))
    .replaceAll(':database', pg.escapeIdentifier(rows[0]?.name ?? ''));
  await client.query('BEGIN');
  try {
    await client.query(grants);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

function roleOf(url: string): string {
  return decodeURIComponent(new URL(url).username);
}

async function main(): Promise<void> {
  const { applied, grantedTo, powersLeft = [] } = await migrate(readDatabaseUrls(process.env));
  for (const name of applied) console.log(`applied ${name}`);
  if (applied.length === 0) console.log('nothing to apply: the database is up to date');
  if (grantedTo !== undefined) console.log(`privileges of ${grantedTo} set`);
  for (const power of powersLeft)
    console.error(
      `${grantedTo} still ${power}: revoke it as the owner of the database; the app does not start in staging or prod`,
    );
}

/** True if Node was started with this file, also by a path that leads through a symbolic link. */
function isStarted([, file]: readonly string[]): boolean {
  return file !== undefined && existsSync(file) && import.meta.url === pathToFileURL(realpathSync(file)).href;
}

if (isStarted(process.argv)) {
  main().catch((error: unknown) => {
    // Print only the message, because `pg` puts the connection's options into the error object.
    const why = error instanceof Error ? error.message : 'unknown error';
    console.error(`db:migrate failed: ${redact(why)}`);
    process.exitCode = 1;
  });
}
