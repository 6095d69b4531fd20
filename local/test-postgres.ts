/** Vitest's global set-up of the `db` project: one PostgreSQL with a migrated template for the whole run. */
import type { TestProject } from 'vitest/node';
import { startPostgres } from './postgres';
import type { PostgresServer } from './postgres-databases';

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
