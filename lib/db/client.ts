import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from './generated/client';
import { closePools, getPool } from './pool';

const shared = globalThis as typeof globalThis & { pulsestreamPrisma?: PrismaClient };

/** The Prisma client, on the connections of the lane `work`. It names no prepared statement. */
export function getDb(): PrismaClient {
  shared.pulsestreamPrisma ??= new PrismaClient({ adapter: new PrismaPg(getPool('work')) });
  return shared.pulsestreamPrisma;
}

/** What runs inside a transaction: everything of the client but the things that a transaction cannot do. */
export type Transaction = Parameters<Parameters<PrismaClient['$transaction']>[0]>[0];

/** Milliseconds a transaction may wait for a connection, and may take. */
const TRANSACTION_LIMITS = { maxWait: 5000, timeout: 30_000 };

/**
 * Commits all of `work`, or nothing of it. The database itself ends a transaction whose process is gone or stuck.
 * `SET LOCAL`, because a pooler hands the connection to somebody else afterwards.
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
  await shared.pulsestreamPrisma?.$disconnect();
  delete shared.pulsestreamPrisma;
  await closePools();
}
