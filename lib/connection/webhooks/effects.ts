import type { Transaction } from '../../db/client';
import {
  type Cause,
  markDeleted,
  markSuspended,
  removeRepositories,
  requestSync,
} from '../../installation/transitions';
import type { Payload } from './payload';

/** @returns the installations to sync once the transaction is committed */
type Effect = (tx: Transaction, payload: Payload, cause: Cause) => Promise<number[]>;

/** What the signed delivery says of an installation that we do not know yet. It is nobody's until it is bound. */
async function insertInstallation(
  tx: Transaction,
  { installation, sender, requester }: Payload,
): Promise<number[]> {
  if (!installation?.account) return [];
  const { id, account, repository_selection: selection = 'selected' } = installation;
  const login = account.login ?? account.slug ?? `account-${account.id}`;
  await tx.$executeRaw`
    INSERT INTO installations (id, account_id, account_login, account_type, repository_selection,
      installed_by_github_id, requested_by_github_id, sync_requested_at)
    VALUES (${id}, ${account.id}, ${login}, ${account.type}, ${selection}, ${sender?.id ?? null},
      ${requester?.id ?? null}, now())
    ON CONFLICT (id) DO UPDATE SET
      installed_by_github_id = coalesce(installations.installed_by_github_id, excluded.installed_by_github_id),
      requested_by_github_id = coalesce(installations.requested_by_github_id, excluded.requested_by_github_id),
      sync_requested_at = now(), revision = installations.revision + 1
      WHERE installations.status <> 'deleted'`;
  return [id];
}

const syncInstallationOf: Effect = async (tx, { installation, repository }) => {
  const ids = installation ? [installation.id] : await installationsSharing(tx, repository?.id);
  for (const id of ids) await requestSync(tx, id);
  return ids;
};

/** `repository.*` may come without its installation. */
async function installationsSharing(tx: Transaction, repositoryId: number | undefined): Promise<number[]> {
  if (repositoryId === undefined) return [];
  const rows = await tx.repository.findMany({
    where: { id: BigInt(repositoryId), removedAt: null },
    select: { installationId: true },
  });
  return rows.map((row) => Number(row.installationId));
}

const removeRepository: Effect = async (tx, { repository }, cause) => {
  const ids = await installationsSharing(tx, repository?.id);
  for (const id of ids) if (repository) await removeRepositories(tx, id, [repository.id], cause);
  return ids;
};

/** Reaches the new owner only: the old owner's row is narrowed here, and both are asked. */
const transferRepository: Effect = async (tx, payload, cause) => {
  const before = await removeRepository(tx, payload, cause);
  const now = await syncInstallationOf(tx, payload, cause);
  return [...new Set([...before, ...now])];
};

/**
 * Event and action → effect. What narrows access takes effect from the payload; what widens it only asks for a sync
 * (C18). Whatever is not listed has none.
 *
 * @see https://docs.github.com/en/webhooks/webhook-events-and-payloads
 */
export const EFFECTS: Readonly<Record<string, Effect>> = {
  'installation.created': insertInstallation,
  'installation.deleted': async (tx, payload, cause) => {
    // Stored even if `created` never came, so that a late `created` cannot bring it back.
    await insertInstallation(tx, payload);
    if (payload.installation) await markDeleted(tx, payload.installation.id, cause);
    return [];
  },
  'installation.suspend': async (tx, { installation }, cause) => {
    if (installation) await markSuspended(tx, installation.id, cause);
    return [];
  },
  'installation.unsuspend': syncInstallationOf,
  'installation.new_permissions_accepted': syncInstallationOf,
  'installation_repositories.added': syncInstallationOf,
  'installation_repositories.removed': async (tx, { installation, repositories_removed }, cause) => {
    if (!installation) return [];
    const ids = repositories_removed?.map((repository) => repository.id) ?? [];
    await removeRepositories(tx, installation.id, ids, cause);
    return [installation.id];
  },
  'installation_target.renamed': syncInstallationOf,
  'repository.created': syncInstallationOf,
  'repository.renamed': syncInstallationOf,
  'repository.edited': syncInstallationOf,
  'repository.archived': syncInstallationOf,
  'repository.unarchived': syncInstallationOf,
  'repository.privatized': syncInstallationOf,
  'repository.publicized': syncInstallationOf,
  'repository.deleted': removeRepository,
  'repository.transferred': transferRepository,
};
