import { PrismaPg } from '@prisma/adapter-pg';
import { onePerProcess } from '../async';
import { PrismaClient } from './generated/client';
import { closePools, connectionWait, getPool } from './pool';

/** Returns the Prisma client, which uses the connections of the `work` lane and no prepared statements. */
export const getDb = onePerProcess(
  'prisma',
  () => new PrismaClient({ adapter: new PrismaPg(getPool('work')) }),
);

/** The Prisma client inside a transaction, without the methods that transactions do not support. */
export type Transaction = Parameters<Parameters<PrismaClient['$transaction']>[0]>[0];

/** How long a transaction may run. */
const TRANSACTION_MS = 30_000;

/**
 * Runs `work` in a transaction. If this process crashes or hangs, the database's timeouts end the transaction. We set
 * them for this transaction only, because a pooler gives the connection to another client afterwards.
 */
export function inTransaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
  const limit = `${TRANSACTION_MS}`;
  return getDb().$transaction(
    async (tx) => {
      await tx.$executeRaw`SELECT set_config('statement_timeout', ${limit}, true),
      set_config('idle_in_transaction_session_timeout', ${limit}, true)`;
      return work(tx);
    },
    { maxWait: connectionWait.mostMs, timeout: TRANSACTION_MS },
  );
}

export async function closeDb(): Promise<void> {
  await getDb.forget()?.$disconnect();
  await closePools();
}
