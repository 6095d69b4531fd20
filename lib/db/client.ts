import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from './generated/client';
import { closePool, getPool } from './pool';

const shared = globalThis as typeof globalThis & { pulsestreamPrisma?: PrismaClient };

/** The Prisma client, on the process's one pool. */
export function getDb(): PrismaClient {
  shared.pulsestreamPrisma ??= new PrismaClient({ adapter: new PrismaPg(getPool()) });
  return shared.pulsestreamPrisma;
}

/** What runs inside a transaction: everything of the client but the things that a transaction cannot do. */
export type Transaction = Parameters<Parameters<PrismaClient['$transaction']>[0]>[0];

/** Milliseconds a transaction may wait for a connection, and may take. */
const TRANSACTION_LIMITS = { maxWait: 5000, timeout: 30_000 };

/** All of `work` is committed, or nothing of it. */
export function inTransaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
  return getDb().$transaction(work, TRANSACTION_LIMITS);
}

export async function closeDb(): Promise<void> {
  await shared.pulsestreamPrisma?.$disconnect();
  delete shared.pulsestreamPrisma;
  await closePool();
}
