import type { RequestOrigin } from '../actor';
import { waitAtMost } from '../async';
import { execute, joinSql, query, type Sql, type Statements, sql } from '../db/sql';
import type { WebhookEventName } from '../github/app';
import { confirmEnd, confirmEndSoon, endCheck, seenByWebhook } from '../installation/confirm-end';
import { type Cause, markSuspended, removeRepositories, requestSync } from '../installation/transitions';
import { log } from '../observability/log';
import { syncInBackground } from '../sync/queue';
import { type DescribedInstallation, fitsEvent, type Payload } from './payload';

/** Calls to GitHub to make once the transaction has committed. */
export type FollowUp = {
  /** Installations to sync. */
  toSync: number[];
  /** Installations reported as ended by a webhook, and when the report was stored. GitHub must confirm the end. */
  toConfirm: { id: number; seenAt: Date }[];
  /**
   * True if the stored installations must be compared with GitHub's list, because the payload doesn't say what changed.
   */
  toCompare: boolean;
};

/** Applies a payload in several statements of one transaction, after the delivery was stored. */
type Steps = (tx: Statements, payload: Payload, cause: Cause) => Promise<FollowUp>;

/**
 * Applies a payload in the same statement that stores the delivery.
 *
 * `parts` are entries of that statement's WITH clause. They must change nothing unless the entry `remembered` has a
 * row, which means that the delivery is new. One part is named `affected` and has the column `id`.
 */
type OneStatement = {
  parts: (payload: Payload) => Sql;
  /** `now` is the database's time in this statement. */
  followUp: (affected: number[], now: Date) => FollowUp;
};

export type Effect = { steps: Steps } | OneStatement;

export const NOTHING: FollowUp = { toSync: [], toConfirm: [], toCompare: false };

const sync = (toSync: number[]): FollowUp => ({ ...NOTHING, toSync });

/** Stands in for an account missing from the payload, which GitHub's schema allows. */
const NO_ACCOUNT = { id: 0, login: 'account-0', type: 'Unknown' };

function toRow({ id, account = NO_ACCOUNT, repositorySelection = 'selected' }: DescribedInstallation) {
  return { id, accountId: account.id, login: account.login, type: account.type, repositorySelection };
}

const requestAffected: Steps = async (tx, payload) => {
  const ids = await affectedInstallations(tx, payload);
  await Promise.all(ids.map((id) => requestSync(tx, id)));
  return { ...sync(ids), toCompare: ids.length === 0 };
};

const NO_IDS = sql`SELECT NULL::bigint AS id WHERE false`;

/** Requests syncs. Nearly all deliveries have only this effect, so it takes one statement. */
const syncAffected: OneStatement = {
  parts: (payload) => sql`
    affected AS (SELECT id FROM (${selectAffected(payload)}) AS a WHERE EXISTS (SELECT FROM remembered)),
    locked AS (
      SELECT id FROM installations WHERE id IN (SELECT id FROM affected) AND status <> 'deleted'
      ORDER BY id FOR UPDATE),
    asked AS (
      UPDATE installations AS i SET sync_requested_at = now(), revision = i.revision + 1
      FROM locked WHERE i.id = locked.id)`,
  followUp: (ids) => ({ ...sync(ids), toCompare: ids.length === 0 }),
};

/**
 * Stores a new installation from its signed webhook. The installation belongs to no workspace until somebody binds it.
 * Only this webhook names the installer and the requester, and being the installer is part of one proof of ownership.
 */
const insertInstallation: Steps = async (tx, payload, cause) => {
  const { installation, senderId, requesterId } = payload;
  // Without an account, the installation cannot be stored here. The comparison with GitHub's list stores it instead.
  if (!installation?.account) return { ...(await requestAffected(tx, payload, cause)), toCompare: true };
  const { id, accountId, login, type, repositorySelection } = toRow(installation);
  await execute(
    tx,
    sql`
      INSERT INTO installations (id, account_id, account_login, account_type, repository_selection,
        installed_by_github_id, requested_by_github_id, sync_requested_at)
      VALUES (${id}, ${accountId}, ${login}, ${type}, ${repositorySelection}, ${senderId ?? null},
        ${requesterId ?? null}, now())
      ON CONFLICT (id) DO UPDATE SET
        installed_by_github_id = coalesce(installations.installed_by_github_id, excluded.installed_by_github_id),
        requested_by_github_id = coalesce(installations.requested_by_github_id, excluded.requested_by_github_id),
        sync_requested_at = now(), revision = installations.revision + 1
        WHERE installations.status <> 'deleted'`,
  );
  return sync([id]);
};

/**
 * Stores a reported uninstall, which blocks mints immediately. It becomes final once GitHub confirms it (ADR 0009).
 * It's stored even if the `created` webhook never arrived, so that neither a late `created` nor a bind can revive the
 * installation.
 */
const seeEnd: OneStatement = {
  parts: ({ installation }) => {
    if (!installation) return sql`affected AS (${NO_IDS})`;
    const { id, accountId, login, type, repositorySelection } = toRow(installation);
    return sql`
      affected AS (
        INSERT INTO installations AS i (id, account_id, account_login, account_type, repository_selection,
          end_seen_at, end_seen_by)
        SELECT ${id}::bigint, ${accountId}::bigint, ${login}, ${type}, ${repositorySelection}, now(), 'webhook'
        FROM remembered
        ON CONFLICT (id) DO UPDATE SET revision = i.revision + 1, end_seen_at = now(), end_seen_by = 'webhook',
          sync_requested_at = NULL, sync_leased_until = NULL, sync_lease = NULL
          WHERE i.status <> 'deleted'
        RETURNING id)`;
  },
  followUp: (ids, now) => ({ ...NOTHING, toConfirm: ids.map((id) => ({ id, seenAt: now })) }),
};

const suspend: Steps = async (tx, { installation }, cause) => {
  if (!installation) return NOTHING;
  await markSuspended(tx, installation.id, cause);
  return sync([installation.id]);
};

/** Removes the listed repositories. The sync that follows handles items that could not be parsed. */
const removeListed: Steps = async (tx, { installation, removedRepositoryIds = [] }, cause) => {
  if (!installation) return NOTHING;
  await removeRepositories(tx, [installation.id], removedRepositoryIds, cause);
  return sync([installation.id]);
};

const removeRepository: Steps = async (tx, payload, cause) => {
  const followUp = await requestAffected(tx, payload, cause);
  if (payload.repository) await removeRepositories(tx, followUp.toSync, [payload.repository.id], cause);
  return followUp;
};

/**
 * Removes a transferred repository from the former owner's installations. GitHub sends this webhook only for the new
 * owner, so nothing else reports that the former owner has lost access.
 */
const transferRepository: Steps = async (tx, payload, cause) => {
  const followUp = await requestAffected(tx, payload, cause);
  const { installation, repository } = payload;
  if (!repository) return followUp;
  const newOwners = installation ? [installation.id] : await installationsOfAccount(tx, repository.ownerId);
  const others = followUp.toSync.filter((id) => !newOwners.includes(id));
  await removeRepositories(tx, others, [repository.id], cause);
  return followUp;
};

/**
 * Events about data that the app stores. Each requests a sync of the affected installations, even if its action is
 * unknown.
 */
const SYNCED_EVENTS: ReadonlySet<string> = new Set<WebhookEventName>([
  'installation',
  'installation_repositories',
  'installation_target',
  'repository',
]);

/**
 * Events we apply straight from the payload: those that reduce access, plus `installation.created`, the only one that
 * names the installer. (It grants nothing until someone binds the installation.) For anything that widens access, we
 * ignore the payload and sync.
 *
 * @see https://docs.github.com/en/webhooks/webhook-events-and-payloads
 */
const FROM_PAYLOAD: ReadonlyMap<string, Effect> = new Map<WebhookEventName, Effect>([
  ['installation.created', { steps: insertInstallation }],
  ['installation.deleted', seeEnd],
  ['installation.suspend', { steps: suspend }],
  ['installation_repositories.removed', { steps: removeListed }],
  ['repository.deleted', { steps: removeRepository }],
  ['repository.transferred', { steps: transferRepository }],
]);

/**
 * Chooses a webhook's effect. The event name isn't signed, so it may be forged. If the payload doesn't have the shape
 * of that event, we don't trust it and sync with GitHub instead.
 *
 * @returns `undefined` if the event has no effect
 */
export function effectOf(event: string, payload: Payload): Effect | undefined {
  if (!SYNCED_EVENTS.has(event)) return undefined;
  const effect = FROM_PAYLOAD.get(`${event}.${payload.action ?? ''}`);
  return effect !== undefined && fitsEvent(event, payload) ? effect : syncAffected;
}

/**
 * Finds the installations affected by a webhook, in ascending order of id, which is also the order for locking them.
 * They are the installation named by the payload and all installations that share the repository. If the payload names
 * no installation, those of the repository's owner are included. For a transfer, so are the former owner's
 * installations, because one of their syncs may be reading the list right now.
 */
export async function affectedInstallations(tx: Statements, payload: Payload): Promise<number[]> {
  return toIds(await query(tx, sql<{ id: bigint }>`${selectAffected(payload)} ORDER BY id`));
}

const toIds = (rows: { id: bigint }[]): number[] => rows.map(({ id }) => Number(id));

/** Selects what {@link affectedInstallations} finds. */
function selectAffected({ installation, repository, formerOwnerId }: Payload): Sql {
  const selects: Sql[] = [];
  if (installation) selects.push(sql`SELECT ${installation.id}::bigint AS id`);
  else if (repository?.ownerId !== undefined) selects.push(selectOfAccount(repository.ownerId));
  if (repository)
    selects.push(
      sql`SELECT installation_id AS id FROM repositories WHERE id = ${repository.id} AND removed_at IS NULL`,
    );
  if (formerOwnerId !== undefined) selects.push(selectOfAccount(formerOwnerId));
  return selects.length === 0 ? NO_IDS : joinSql(selects, ' UNION ');
}

const selectOfAccount = (accountId: number) =>
  sql<{ id: bigint }>`SELECT id FROM installations WHERE account_id = ${accountId} AND status <> 'deleted'`;

async function installationsOfAccount(tx: Statements, accountId: number | undefined): Promise<number[]> {
  return accountId === undefined ? [] : toIds(await query(tx, selectOfAccount(accountId)));
}

/**
 * Asks GitHub to confirm ends before the app responds to the webhook, so that an uninstall is usually final by then. If
 * GitHub does not respond in time, a timer repeats the check.
 */
export async function confirmNow(ends: FollowUp['toConfirm'], origin: RequestOrigin): Promise<void> {
  await Promise.all(ends.map((end) => confirmOne(end, origin)));
}

async function confirmOne(
  { id: installationId, seenAt }: FollowUp['toConfirm'][number],
  origin: RequestOrigin,
): Promise<void> {
  const later = () => confirmEndSoon(installationId, origin, (id) => void syncInBackground(id));
  const asked = confirmEnd(installationId, origin, undefined, seenByWebhook(seenAt)).then(
    (verdict) => {
      if (verdict === 'pending') later();
    },
    (error: unknown) => {
      log.warn({ err: error, installationId }, 'an end could not be confirmed yet');
      later();
    },
  );
  await waitAtMost(asked, endCheck.patienceMs);
}
