import type { Transaction } from '../db/client';
import type { WebhookEventName } from '../github/webhook-signature';
import {
  type Cause,
  markSuspended,
  noteEndSeen,
  removeRepositories,
  requestSync,
} from '../installation/transitions';
import { affectedInstallations, installationsOfAccount } from './affected';
import type { DescribedInstallation, Payload } from './payload';
import { fitsEvent } from './shape';

/** What has to be asked of GitHub once the transaction is committed. */
export type FollowUp = {
  /** Installations to sync. */
  toSync: number[];
  /** Installations whose end was told, and needs GitHub as its second witness. */
  toConfirm: number[];
  /** The payload does not say what it is about: only a comparison with GitHub's list can tell. */
  toCompare: boolean;
};

export type Effect = (tx: Transaction, payload: Payload, cause: Cause) => Promise<FollowUp>;

export const NOTHING: FollowUp = { toSync: [], toConfirm: [], toCompare: false };

const sync = (toSync: number[]): FollowUp => ({ ...NOTHING, toSync });

/** An account that the payload leaves out, as GitHub's schema allows, has no number. */
const NO_ACCOUNT = { id: 0, login: 'account-0', type: 'Unknown' };

function toRow({ id, account = NO_ACCOUNT, repositorySelection = 'selected' }: DescribedInstallation) {
  return { id, accountId: account.id, login: account.login, type: account.type, repositorySelection };
}

const syncAffected: Effect = async (tx, payload) => {
  const ids = await affectedInstallations(tx, payload);
  for (const id of ids) await requestSync(tx, id);
  return { ...sync(ids), toCompare: ids.length === 0 };
};

/**
 * What the signed delivery says of an installation that we do not know yet. It is nobody's until it is bound. This
 * delivery alone names who installed it and who had asked for it, which is a proof of ownership (C21).
 */
const insertInstallation: Effect = async (tx, payload, cause) => {
  const { installation, senderId, requesterId } = payload;
  // Without the account nothing can be stored: the comparison with GitHub's list finds it.
  if (!installation?.account) return { ...(await syncAffected(tx, payload, cause)), toCompare: true };
  const { id, accountId, login, type, repositorySelection } = toRow(installation);
  await tx.$executeRaw`
    INSERT INTO installations (id, account_id, account_login, account_type, repository_selection,
      installed_by_github_id, requested_by_github_id, sync_requested_at)
    VALUES (${id}, ${accountId}, ${login}, ${type}, ${repositorySelection}, ${senderId ?? null},
      ${requesterId ?? null}, now())
    ON CONFLICT (id) DO UPDATE SET
      installed_by_github_id = coalesce(installations.installed_by_github_id, excluded.installed_by_github_id),
      requested_by_github_id = coalesce(installations.requested_by_github_id, excluded.requested_by_github_id),
      sync_requested_at = now(), revision = installations.revision + 1
      WHERE installations.status <> 'deleted'`;
  return sync([id]);
};

/**
 * Stops minting at once; GitHub is asked before it is final (ADR 0009). Stored even if `created` never came, so that
 * neither a late `created` nor a bind can bring it back.
 */
const seeEnd: Effect = async (tx, { installation }) => {
  if (!installation) return NOTHING;
  const { id, accountId, login, type, repositorySelection } = toRow(installation);
  await tx.$executeRaw`
    INSERT INTO installations (id, account_id, account_login, account_type, repository_selection)
    VALUES (${id}, ${accountId}, ${login}, ${type}, ${repositorySelection}) ON CONFLICT (id) DO NOTHING`;
  return { ...NOTHING, toConfirm: (await noteEndSeen(tx, id, 'webhook')) ? [id] : [] };
};

const suspend: Effect = async (tx, { installation }, cause) => {
  if (!installation) return NOTHING;
  await markSuspended(tx, installation.id, cause);
  return sync([installation.id]);
};

/** Repositories that cannot be read are left to the sync that follows. */
const removeListed: Effect = async (tx, { installation, removedRepositoryIds = [] }, cause) => {
  if (!installation) return NOTHING;
  await removeRepositories(tx, [installation.id], removedRepositoryIds, cause);
  return sync([installation.id]);
};

const removeRepository: Effect = async (tx, payload, cause) => {
  const followUp = await syncAffected(tx, payload, cause);
  if (payload.repository) await removeRepositories(tx, followUp.toSync, [payload.repository.id], cause);
  return followUp;
};

/** Reaches the new owner only: every other row is narrowed here, and all are asked. */
const transferRepository: Effect = async (tx, payload, cause) => {
  const followUp = await syncAffected(tx, payload, cause);
  const { installation, repository } = payload;
  if (!repository) return followUp;
  const newOwners = installation ? [installation.id] : await installationsOfAccount(tx, repository.ownerId);
  const others = followUp.toSync.filter((id) => !newOwners.includes(id));
  await removeRepositories(tx, others, [repository.id], cause);
  return followUp;
};

/** Events about what is stored here. All of them have the affected installations synced, also for new actions. */
const SYNCED_EVENTS: ReadonlySet<string> = new Set<WebhookEventName>([
  'installation',
  'installation_repositories',
  'installation_target',
  'repository',
]);

/**
 * What takes effect from the payload: it narrows access, or names who installed. Whatever widens access only asks for a
 * sync (C18).
 *
 * @see https://docs.github.com/en/webhooks/webhook-events-and-payloads
 */
const FROM_PAYLOAD: ReadonlyMap<string, Effect> = new Map<WebhookEventName, Effect>([
  ['installation.created', insertInstallation],
  ['installation.deleted', seeEnd],
  ['installation.suspend', suspend],
  ['installation_repositories.removed', removeListed],
  ['repository.deleted', removeRepository],
  ['repository.transferred', transferRepository],
]);

/**
 * Chooses the effect of a delivery. Neither the event nor the id of a delivery is signed: a payload of another shape has
 * no effect of its own, and GitHub is asked instead.
 *
 * @returns `undefined` for an event that we do not act on
 */
export function effectOf(event: string, payload: Payload): Effect | undefined {
  if (!SYNCED_EVENTS.has(event)) return undefined;
  const effect = FROM_PAYLOAD.get(`${event}.${payload.action ?? ''}`);
  return effect !== undefined && fitsEvent(event, payload) ? effect : syncAffected;
}
