import { afterAll, inject } from 'vitest';
import './postgres';
import { createDatabase, type Database, dropDatabase } from '../services/postgres/databases';

/**
 * Creates an empty, migrated database for one test file, and drops it after the last test. Only for `*.db.test.ts`:
 *
 *     const database = await createTestDatabase();
 *
 * `ownerUrl` is for the role that owns the tables. `appUrl` is for the app's restricted role, which tests should use.
 */
export async function createTestDatabase(): Promise<Database> {
  const { server, template } = inject('postgres');
  const database = await createDatabase(server, { template });
  afterAll(() => dropDatabase(server, database.name));
  return database;
}

/** Creates an empty database without migrations, and drops it after the last test. */
export async function createEmptyTestDatabase(): Promise<Database> {
  const { server } = inject('postgres');
  const database = await createDatabase(server);
  afterAll(() => dropDatabase(server, database.name));
  return database;
}
