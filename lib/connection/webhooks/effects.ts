import type { Transaction } from '../../db/client';
import {
  type Cause,
  markDeleted,
  markSuspended,
  removeRepositories,
  requestSync,
} from '../../installation/transitions';
import { affectedInstallations, installationsOfAccount } from './affected';
import type { Payload } from './payload';

/** @returns the installations to sync once the transaction is committed */
type Effect = (tx: Transaction, payload: Payload, cause: Cause) => Promise<number[]>;

type Described = NonNullable<Payload['installation']>;

/** An account that the payload leaves out, as GitHub's schema allows, has no number. */
const NO_ACCOUNT = { id: 0, login: undefined, slug: undefined, type: 'Unknown' };

function toRow({ id, account, repository_selection: selection = 'selected' }: Described) {
  const { id: accountId, login, slug, type } = account ?? NO_ACCOUNT;
  return { id, accountId, login: login ?? slug ?? `account-${accountId}`, type, selection };
}

/**
 * What the signed delivery says of an installation that we do not know yet. It is nobody's until it is bound. This
 * delivery alone names who installed it and who had asked for it, which is a proof of ownership (C21).
 */
const insertInstallation: Effect = async (tx, { installation, sender, requester }) => {
  if (!installation?.account) return [];
  const { id, accountId, login, type, selection } = toRow(installation);
  await tx.$executeRaw`
    INSERT INTO installations (id, account_id, account_login, account_type, repository_selection,
      installed_by_github_id, requested_by_github_id, sync_requested_at)
    VALUES (${id}, ${accountId}, ${login}, ${type}, ${selection}, ${sender?.id ?? null},
      ${requester?.id ?? null}, now())
    ON CONFLICT (id) DO UPDATE SET
      installed_by_github_id = coalesce(installations.installed_by_github_id, excluded.installed_by_github_id),
      requested_by_github_id = coalesce(installations.requested_by_github_id, excluded.requested_by_github_id),
      sync_requested_at = now(), revision = installations.revision + 1
      WHERE installations.status <> 'deleted'`;
  return [id];
};

/** Stored even if `created` never came, so that neither a late `created` nor a bind can bring it back. */
const deleteInstallation: Effect = async (tx, { installation }, cause) => {
  if (!installation) return [];
  const { id, accountId, login, type, selection } = toRow(installation);
  await tx.$executeRaw`
    INSERT INTO installations (id, account_id, account_login, account_type, repository_selection)
    VALUES (${id}, ${accountId}, ${login}, ${type}, ${selection}) ON CONFLICT (id) DO NOTHING`;
  await markDeleted(tx, id, cause);
  return [];
};

const syncAffected: Effect = async (tx, payload) => {
  const ids = await affectedInstallations(tx, payload);
  for (const id of ids) await requestSync(tx, id);
  return ids;
};

/** All rows first, in order of their ids, and the audit log after them: so no two deliveries wait for each other. */
const removeRepository: Effect = async (tx, payload, cause) => {
  const ids = await syncAffected(tx, payload, cause);
  for (const id of ids)
    if (payload.repository) await removeRepositories(tx, id, [payload.repository.id], cause);
  return ids;
};

/** Reaches the new owner only: every other row is narrowed here, and all are asked. */
const transferRepository: Effect = async (tx, payload, cause) => {
  const ids = await syncAffected(tx, payload, cause);
  const { installation, repository } = payload;
  if (!repository) return ids;
  const newOwners = installation ? [installation.id] : await installationsOfAccount(tx, repository.owner?.id);
  for (const id of ids) if (!newOwners.includes(id)) await removeRepositories(tx, id, [repository.id], cause);
  return ids;
};

/**
 * Event and action → effect. What narrows access takes effect from the payload; what widens it only asks for a sync
 * (C18). Whatever is not listed has none.
 *
 * @see https://docs.github.com/en/webhooks/webhook-events-and-payloads
 */
export const EFFECTS: Readonly<Record<string, Effect>> = {
  'installation.created': insertInstallation,
  'installation.deleted': deleteInstallation,
  'installation.suspend': async (tx, { installation }, cause) => {
    if (!installation) return [];
    await markSuspended(tx, installation.id, cause);
    return [installation.id];
  },
  'installation.unsuspend': syncAffected,
  'installation.new_permissions_accepted': syncAffected,
  'installation_repositories.added': syncAffected,
  'installation_repositories.removed': async (tx, { installation, repositories_removed }, cause) => {
    if (!installation) return [];
    const ids = repositories_removed?.map((repository) => repository.id) ?? [];
    await removeRepositories(tx, installation.id, ids, cause);
    return [installation.id];
  },
  'installation_target.renamed': syncAffected,
  'repository.created': syncAffected,
  'repository.renamed': syncAffected,
  'repository.edited': syncAffected,
  'repository.archived': syncAffected,
  'repository.unarchived': syncAffected,
  'repository.privatized': syncAffected,
  'repository.publicized': syncAffected,
  'repository.deleted': removeRepository,
  'repository.transferred': transferRepository,
};
