/** Vitest's global set-up for the `db` project. Starts one PostgreSQL with a migrated template for the whole run. */
import type { TestProject } from 'vitest/node';
import type { PostgresServer } from '../services/postgres/databases';
import { startPostgres } from '../services/postgres/server';

declare module 'vitest' {
  interface ProvidedContext {
    postgres: { server: PostgresServer; template: string };
  }
}

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const postgres = await startPostgres();
  project.provide('postgres', { server: postgres.server, template: await postgres.migratedTemplate() });
  return () => postgres.stop();
}
