import { PrismaPg } from '@prisma/adapter-pg';
import { onePerProcess } from '../async';
import { PrismaClient } from './generated/client';
import { closePools, getPool } from './pool';

/** Returns the Prisma client, which uses the connections of the `work` lane and no prepared statements. */
export const getDb = onePerProcess(
  'prisma',
  () => new PrismaClient({ adapter: new PrismaPg(getPool('work')) }),
);

/** The Prisma client inside a transaction, without the methods that transactions do not support. */
export type Transaction = Parameters<Parameters<PrismaClient['$transaction']>[0]>[0];

/** How long a transaction may wait for a connection, and how long it may run, in milliseconds. */
const TRANSACTION_LIMITS = { maxWait: 5000, timeout: 30_000 };

/**
 * Runs `work` in a transaction. If this process crashes or hangs, the database's timeouts end the transaction. We set
 * them for this transaction only, because a pooler gives the connection to another client afterwards.
 */
export function inTransaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
  const limit = `${TRANSACTION_LIMITS.timeout}`;
  return getDb().$transaction(async (tx) => {
    await tx.$executeRaw`SELECT set_config('statement_timeout', ${limit}, true),
      set_config('idle_in_transaction_session_timeout', ${limit}, true)`;
    return work(tx);
  }, TRANSACTION_LIMITS);
}

export async function closeDb(): Promise<void> {
  await getDb.forget()?.$disconnect();
  await closePools();
}
