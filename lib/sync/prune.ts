import { getDb } from '../db/client';
import { constantSql, execute, type Sql, sql } from '../db/sql';

/** Rows deleted per statement. Batches keep transactions short even if there is much to delete. */
const BATCH_ROWS = 1000;

/**
 * API keys deleted per transaction. Deleting a key locks the head of its workspace's audit chain. A transaction that
 * deletes several keys could wait for a busy chain while it blocks mints in other workspaces.
 */
const BATCH_KEYS = 1;

const days = (count: number) => sql`now() - make_interval(days => ${count}::int)`;

/**
 * The rows to delete, by table and age (docs/operations.md). Audit events are never deleted. They stay readable without
 * the deleted rows, because each event contains the names of people and objects.
 */
const FORGOTTEN = {
  /** Kept to recognise redelivered webhooks. GitHub redelivers a webhook for at most three days. */
  webhook_deliveries: sql`received_at < ${days(30)}`,
  /** An expired attempt is of no use, but is kept for a while so that its outcome can be looked up. */
  connect_attempts: sql`expires_at < ${days(30)}`,
  /**
   * Repositories of ended installations, which never come back. The installations themselves are kept, so that pages
   * can still show them.
   */
  repositories: sql`installation_id IN (SELECT id FROM installations WHERE deleted_at < ${days(30)})`,
  invitations: sql`coalesce(accepted_at, expires_at) < ${days(30)}`,
  /** Kept long enough to find a service that is still using a revoked or expired key. */
  api_keys: sql`least(revoked_at, expires_at) < ${days(90)}`,
} as const satisfies Record<string, Sql>;

type Table = keyof typeof FORGOTTEN;

/** Deletes old rows in batches. Skips locked rows, which a later pass deletes. */
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
