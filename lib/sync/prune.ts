import { getDb } from '../db/client';
import { constantSql, execute, type Sql, sql } from '../db/sql';

/** Rows per statement, so that a long history needs no long transaction. */
const BATCH_ROWS = 1000;

/**
 * Keys per transaction. Deleting a key locks the head of its workspace's audit chain, and a busy chain must not
 * delay the mints of other workspaces.
 */
const BATCH_KEYS = 1;

const days = (count: number) => sql`now() - make_interval(days => ${count}::int)`;

/**
 * Rows to delete, and their age (docs/operations.md). Audit events are never deleted. They name people and objects
 * without these rows.
 */
const FORGOTTEN = {
  /** GitHub redelivers for three days at most. */
  webhook_deliveries: sql`received_at < ${days(30)}`,
  /** Useless after its end, but its outcome can be looked up for a while. */
  connect_attempts: sql`expires_at < ${days(30)}`,
  /** Ended connections, the only ones with `deleted_at`, never return. Their cards stay. */
  repositories: sql`installation_id IN (SELECT id FROM installations WHERE deleted_at < ${days(30)})`,
  invitations: sql`coalesce(accepted_at, expires_at) < ${days(30)}`,
  /** Long enough to find the service that still sends an ended key. */
  api_keys: sql`least(revoked_at, expires_at) < ${days(90)}`,
} as const satisfies Record<string, Sql>;

type Table = keyof typeof FORGOTTEN;

/** Deletes old rows in batches. Rows that others have locked are left to the next pass. */
export async function forgetOld(): Promise<Record<Table, number>> {
  const forgotten = {} as Record<Table, number>;
  for (const [table, isOld] of Object.entries(FORGOTTEN) as [Table, Sql][])
    forgotten[table] = await forget(table, isOld);
  return forgotten;
}

async function forget(table: Table, isOld: Sql): Promise<number> {
  const name = constantSql(table);
  const batch = table === 'api_keys' ? BATCH_KEYS : BATCH_ROWS;
  for (let total = 0; ; ) {
    const count = await execute(
      getDb(),
      sql`
        DELETE FROM ${name} WHERE ctid = ANY(ARRAY(
          SELECT ctid FROM ${name} WHERE ${isOld} LIMIT ${batch} FOR UPDATE SKIP LOCKED))`,
    );
    total += count;
    if (count < batch) return total;
  }
}
