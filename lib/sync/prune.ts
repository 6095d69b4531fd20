import { getDb } from '../db/client';
import { Prisma } from '../db/generated/client';

/** Rows deleted in one statement: a long history is forgotten without a long transaction. */
const BATCH_ROWS = 1000;

/**
 * The end of a key locks the head of its workspace's audit chain. One key a transaction: a workspace that is busy with
 * its chain must not keep the mints of the others waiting.
 */
const BATCH_KEYS = 1;

const days = (count: number) => Prisma.sql`now() - make_interval(days => ${count}::int)`;

/**
 * What is forgotten, and when (docs/operations.md). Events of the audit log are never among it, and say on their own
 * whom and what they are about.
 */
const FORGOTTEN = {
  /** GitHub redelivers for three days at most. */
  webhook_deliveries: Prisma.sql`received_at < ${days(30)}`,
  /** Of no use after its end; the outcome can be looked up for a while. */
  connect_attempts: Prisma.sql`expires_at < ${days(30)}`,
  /** An ended connection, which alone has such a time, never comes back; the card of it stays. */
  repositories: Prisma.sql`installation_id IN (SELECT id FROM installations WHERE deleted_at < ${days(30)})`,
  invitations: Prisma.sql`coalesce(accepted_at, expires_at) < ${days(30)}`,
  /** Long enough to find out which service still sends an ended key. */
  api_keys: Prisma.sql`least(revoked_at, expires_at) < ${days(90)}`,
} as const satisfies Record<string, Prisma.Sql>;

type Table = keyof typeof FORGOTTEN;

/** Deletes what is old, in batches. Rows that somebody else holds are left to the next pass. */
export async function forgetOld(): Promise<Record<Table, number>> {
  const forgotten = {} as Record<Table, number>;
  for (const [table, isOld] of Object.entries(FORGOTTEN) as [Table, Prisma.Sql][])
    forgotten[table] = await forget(table, isOld);
  return forgotten;
}

async function forget(table: Table, isOld: Prisma.Sql): Promise<number> {
  const name = Prisma.raw(table);
  const batch = table === 'api_keys' ? BATCH_KEYS : BATCH_ROWS;
  for (let total = 0; ; ) {
    const count = await getDb().$executeRaw`
      DELETE FROM ${name} WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM ${name} WHERE ${isOld} LIMIT ${batch} FOR UPDATE SKIP LOCKED))`;
    total += count;
    if (count < batch) return total;
  }
}
