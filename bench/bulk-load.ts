/** Loads tables faster than inserts with triggers and indexes would. */
import pg from 'pg';

/** As many as the cores of a small machine. More would only queue. */
const CONNECTIONS = 2;
/** The bits in `pg_trigger.tgtype` that mark a trigger as firing at an insert. */
const AT_INSERT = 4;

/** A part of the load, on a connection of its own. Parts run concurrently. */
export type Step = (db: pg.Client) => Promise<void>;

type Index = { name: string; on: string; definition: string; isPrimary: boolean; isGin: boolean };

/**
 * Runs the steps with the tables' insert triggers off and their indexes dropped. Rebuilds the indexes afterwards, which
 * is cheaper than updating them a million times. Looks up triggers and indexes in the catalog, so a migration that adds
 * one doesn't break the bench.
 */
export async function inBulk(ownerUrl: string, tables: string[], steps: Step[]): Promise<void> {
  const clients = Array.from({ length: CONNECTIONS }, () => new pg.Client(ownerUrl));
  const [first] = clients;
  if (first === undefined) return;
  for (const client of clients) await client.connect();
  try {
    for (const client of clients)
      await client.query(
        `SET synchronous_commit = off; SET maintenance_work_mem = '1GB'; SET max_parallel_maintenance_workers = 0`,
      );
    const { rows: triggers } = await first.query<{ name: string; on: string; always: string }>(
      `SELECT quote_ident(tgname) AS name, tgrelid::regclass::text AS on,
          CASE tgenabled WHEN 'A' THEN 'ALWAYS' ELSE '' END AS always FROM pg_trigger
        WHERE tgrelid = ANY ($1::regclass[]) AND NOT tgisinternal AND tgenabled <> 'D' AND tgtype & ${AT_INSERT} <> 0`,
      [tables],
    );
    const { rows: indexes } = await first.query<Index>(
      `SELECT indexrelid::regclass::text AS name, indrelid::regclass::text AS on, indisprimary AS "isPrimary",
          pg_get_indexdef(indexrelid) AS definition, amname = 'gin' AS "isGin"
        FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid JOIN pg_am ON pg_am.oid = relam
        WHERE indrelid = ANY ($1::regclass[])`,
      [tables],
    );
    for (const { name, on } of triggers) await first.query(`ALTER TABLE ${on} DISABLE TRIGGER ${name}`);
    for (const { name, on, isPrimary } of indexes)
      await first.query(isPrimary ? `ALTER TABLE ${on} DROP CONSTRAINT ${name}` : `DROP INDEX ${name}`);
    await together(clients, steps);
    // The slowest index first, so that no connection waits for it at the end.
    await together(
      clients,
      indexes
        .sort((one, other) => Number(other.isGin) - Number(one.isGin))
        .map(
          ({ definition }) =>
            async (client) =>
              void (await client.query(definition)),
        ),
    );
    for (const { name, on, isPrimary } of indexes)
      if (isPrimary)
        await first.query(`ALTER TABLE ${on} ADD CONSTRAINT ${name} PRIMARY KEY USING INDEX ${name}`);
    for (const { name, on, always } of triggers)
      await first.query(`ALTER TABLE ${on} ENABLE ${always} TRIGGER ${name}`);
    for (const table of tables) await first.query(`VACUUM ANALYZE ${table}`);
  } finally {
    for (const client of clients) await client.end();
  }
}

async function together(clients: pg.Client[], steps: Step[]): Promise<void> {
  const waiting = [...steps];
  await Promise.all(
    clients.map(async (client) => {
      for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) await step(client);
    }),
  );
}
