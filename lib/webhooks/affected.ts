import type { Transaction } from '../db/client';
import type { Payload } from './payload';

/**
 * The installations that a delivery is about, in the order of their ids, in which they are locked: the one that it
 * names, those that have its repository stored, and, where it does not say, those of the repository's owner. A
 * transfer is about its former owner, too, who may be reading the list at this moment.
 */
export async function affectedInstallations(
  tx: Transaction,
  { installation, repository, formerOwnerId }: Payload,
): Promise<number[]> {
  const ids = new Set([
    ...(installation ? [installation.id] : await installationsOfAccount(tx, repository?.ownerId)),
    ...(await installationsSharing(tx, repository?.id)),
    ...(await installationsOfAccount(tx, formerOwnerId)),
  ]);
  return [...ids].sort((a, b) => a - b);
}

async function installationsSharing(tx: Transaction, repositoryId: number | undefined): Promise<number[]> {
  if (repositoryId === undefined) return [];
  const rows = await tx.repository.findMany({
    where: { id: BigInt(repositoryId), removedAt: null },
    select: { installationId: true },
  });
  return rows.map((row) => Number(row.installationId));
}

export async function installationsOfAccount(
  tx: Transaction,
  accountId: number | undefined,
): Promise<number[]> {
  if (accountId === undefined) return [];
  const rows = await tx.installation.findMany({
    where: { accountId: BigInt(accountId), status: { not: 'deleted' } },
    select: { id: true },
  });
  return rows.map((row) => Number(row.id));
}
