import { type Config, getConfig } from '../config';
import { getDb } from '../db/client';
import { constantSql, execute, type Sql, sql } from '../db/sql';

/** Rows deleted per statement. Batches keep transactions short even if there is much to delete. */
const BATCH_ROWS = 1000;

/**
 * Tables whose rows are deleted one per transaction. Deleting a key or a rule locks the head of its workspace's audit
 * chain. A transaction that deletes several could wait for a busy chain while it blocks mints in other workspaces.
 */
const ONE_BY_ONE: ReadonlySet<Table> = new Set(['api_keys', 'trust_rules']);

/** Expired identity tokens are refused, so their rows only have to outlast differences between clocks. */
const EXPIRED_TOKEN_DAYS = 1;

/** A session that has expired authenticates nobody. */
const EXPIRED_SESSION_DAYS = 1;

type Table = keyof Config['retentionDays'] | 'workload_tokens' | 'sessions';

/**
 * The rows to delete, by table. `cutoff` is the time that lies as many days back as the table's variable says. Audit events
 * are never deleted here. They stay readable without the deleted rows, because each event contains the names of people and
 * objects.
 */
const FORGOTTEN: { readonly [T in Table]: (cutoff: Sql) => Sql } = {
  /** Kept to recognise redelivered webhooks. GitHub redelivers a webhook for at most three days. */
  webhook_deliveries: (cutoff) => sql`received_at < ${cutoff}`,
  /** An expired attempt is of no use, but is kept for a while so that its outcome can be looked up. */
  connect_attempts: (cutoff) => sql`expires_at < ${cutoff}`,
  /**
   * Repositories of ended installations, which never come back. The installations themselves are kept, so that pages
   * can still show them.
   */
  repositories: (cutoff) =>
    sql`installation_id IN (SELECT id FROM installations WHERE deleted_at < ${cutoff})`,
  invitations: (cutoff) => sql`coalesce(accepted_at, expires_at) < ${cutoff}`,
  /** Kept long enough to find a service that is still using a revoked or expired key. */
  api_keys: (cutoff) => sql`least(revoked_at, expires_at) < ${cutoff}`,
  trust_rules: (cutoff) => sql`least(revoked_at, expires_at) < ${cutoff}`,
  evidence_links: (cutoff) => sql`least(revoked_at, expires_at) < ${cutoff}`,
  workload_tokens: (cutoff) => sql`expires_at < ${cutoff}`,
  sessions: (cutoff) => sql`expires_at < ${cutoff}`,
};

/** Deletes old rows in batches. Skips locked rows, which a later pass deletes. */
export async function forgetOld(): Promise<Record<Table, number>> {
  const forgotten = {} as Record<Table, number>;
  const daysByTable = {
    ...getConfig().retentionDays,
    workload_tokens: EXPIRED_TOKEN_DAYS,
    sessions: EXPIRED_SESSION_DAYS,
  };
  for (const [table, days] of Object.entries(daysByTable) as [Table, number][])
    forgotten[table] = await forget(
      table,
      FORGOTTEN[table](sql`now() - make_interval(days => ${days}::int)`),
    );
  return forgotten;
}

async function forget(table: Table, isOld: Sql): Promise<number> {
  const name = constantSql(table);
  const batch = ONE_BY_ONE.has(table) ? 1 : BATCH_ROWS;
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
