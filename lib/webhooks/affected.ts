import type { Transaction } from '../db/client';
import type { Payload } from './payload';

/**
 * Finds the installations that a delivery concerns, by ascending id, in which they are locked. These are the
 * installation that it names, those that store its repository, and, if it names none, those of the repository's
 * owner. A transfer also concerns the former owner, whose sync may be reading the list now.
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
