import { afterAll, inject } from 'vitest';
import './postgres';
import { createDatabase, type Database, dropDatabase } from '../services/postgres/databases';

/**
 * Creates a migrated, empty database for one test file, and drops it after the last test. For `*.db.test.ts` only:
 *
 *     const database = await createTestDatabase();
 *
 * `ownerUrl` owns the tables. `appUrl` is the app's restricted role, which tests should use.
 */
export async function createTestDatabase(): Promise<Database> {
  const { server, template } = inject('postgres');
  const database = await createDatabase(server, { template });
  afterAll(() => dropDatabase(server, database.name));
  return database;
}

/** Creates an empty database without migrations. */
export async function createEmptyTestDatabase(): Promise<Database> {
  const { server } = inject('postgres');
  const database = await createDatabase(server);
  afterAll(() => dropDatabase(server, database.name));
  return database;
}
