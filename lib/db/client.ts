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

export async function closeDb(): Promise<void> {
  await shared.pulsestreamPrisma?.$disconnect();
  delete shared.pulsestreamPrisma;
  await closePool();
}
