import { createHash } from 'node:crypto';
import { type RequestOrigin, SYSTEM_SYNC } from '../actor';
import { describeRepositories, recordAuditEvent } from '../audit/record';
import type { AuditFact } from '../contract/audit-types';
import { inTransaction, type Transaction } from '../db/client';
import { execute, query, sql } from '../db/sql';
import type { GitHubRepository } from '../github/installations';
import type { ReadList, Snapshot } from './snapshot';

type Stored = {
  workspace_id: string;
  account_login: string;
  repository_selection: string;
  status: 'active' | 'suspended' | 'deleted';
  list_fingerprint: string | null;
};

/** Details shared by all audit events from a sync. */
type About = { account: string; noticed_by: 'sync' };

/**
 * Cap on the repositories that one transaction writes. Writing that many takes a second or two of the 30-second limit.
 */
const BATCH = 10_000;

/**
 * Stores a snapshot of GitHub's state and audits every change. No other code widens access.
 *
 * A list longer than one batch is written in several transactions, so that nobody waits long for the installation's
 * row. Each transaction checks the revision again (ADR 0010). The first one makes all changes that narrow access. The
 * sync stays requested until the last transaction has committed.
 *
 * @param revision the installation's revision before the snapshot was read
 * @returns `true` if the snapshot was stored; `false` if the installation has changed since `revision`. The snapshot is
 *   then stale, and nothing more is written
 */
export async function applySnapshot(
  snapshot: Snapshot,
  revision: bigint,
  origin: RequestOrigin,
  batch = BATCH,
): Promise<boolean> {
  const fingerprint = snapshot.list && fingerprintOf(snapshot.list);
  const count = snapshot.list?.repositories.length ?? 0;
  for (let from = 0; ; from += batch) {
    const step = { from, until: from + batch, isLast: from + batch >= count };
    const result = await inTransaction((tx) =>
      applyStep(tx, snapshot, step, { revision, origin, fingerprint }),
    );
    if (result !== 'more') return result === 'done';
  }
}

type Step = { from: number; until: number; isLast: boolean };

async function applyStep(
  tx: Transaction,
  snapshot: Snapshot,
  { from, until, isLast }: Step,
  { revision, origin, fingerprint }: { revision: bigint; origin: RequestOrigin; fingerprint: string | null },
): Promise<'stale' | 'more' | 'done'> {
  const { installation, list } = snapshot;
  const { id, account } = installation;
  const [before] = await query(
    tx,
    sql<Stored>`
      SELECT workspace_id, account_login, repository_selection, status::text AS status, list_fingerprint FROM installations
      WHERE id = ${id} AND revision = ${revision} AND status <> 'deleted' FOR UPDATE`,
  );
  if (before === undefined) return 'stale';
  const isStored = fingerprint !== null && fingerprint === before.list_fingerprint;
  const isDone = isLast || isStored;

  const about: About = {
    account: account.isNamed ? account.login : before.account_login,
    noticed_by: 'sync',
  };
  const facts: AuditFact[] = [];
  if (from === 0) facts.push(...(await writeInstallation(tx, snapshot, before, about)));
  if (list !== null && !isStored) {
    const removed = from === 0 ? await removeAbsent(tx, id, list) : [];
    const { added, changed } = await upsertRepositories(tx, id, list.repositories.slice(from, until));
    for (const [type, rows] of [
      ['github.repositories_added', added],
      ['github.repositories_changed', changed],
      ['github.repositories_removed', removed],
    ] as const)
      if (rows.length > 0) facts.push({ type, details: { ...about, ...describeRepositories(rows) } });
  }
  if (isDone) await endSync(tx, id, list, fingerprint);
  else if (from === 0) await keepSyncRequested(tx, id);
  // Record audit events last, because they lock the head of the audit chain, which makes mints in this workspace wait.
  const context = { workspaceId: before.workspace_id, actor: SYSTEM_SYNC, origin, installationId: id };
  for (const fact of facts) await recordAuditEvent(tx, { ...context, ...fact });
  return isDone ? 'done' : 'more';
}

/**
 * Computes a fingerprint of everything that GitHub listed. If it equals the stored fingerprint, the sync writes no
 * repositories. That is safe, because PostgreSQL clears the stored fingerprint when a repository's row changes.
 */
function fingerprintOf({ repositories, odd, isWhole }: ReadList): string {
  const byId = [...repositories].sort((a, b) => a.id - b.id);
  // The id of an unreadable item may be a bigint, which JSON cannot express.
  const json = JSON.stringify([byId, odd, isWhole], (_, value) =>
    typeof value === 'bigint' ? `${value}n` : value,
  );
  return createHash('sha256').update(json).digest('base64url');
}

/**
 * Updates the installation's row. If GitHub omits the account's name, the stored name and type stay.
 *
 * @returns the changes to audit
 */
async function writeInstallation(
  tx: Transaction,
  { installation, list }: Snapshot,
  before: Stored,
  about: About,
): Promise<AuditFact[]> {
  const { id, account, repositorySelection, suspendedAt } = installation;
  const status = suspendedAt === null ? 'active' : 'suspended';
  await execute(
    tx,
    sql`
      UPDATE installations SET account_id = ${account.id},
        account_login = CASE WHEN ${account.isNamed} THEN ${account.login} ELSE account_login END,
        account_type = CASE WHEN ${account.isNamed} THEN ${account.type} ELSE account_type END,
        repository_selection = ${repositorySelection}, status = ${status}::installation_status,
        suspended_at = ${suspendedAt}, sync_skipped = coalesce(${list?.odd.length ?? null}::int, sync_skipped)
      WHERE id = ${id}`,
  );
  const facts: AuditFact[] = [];
  if (account.isNamed && before.account_login !== account.login)
    facts.push({
      type: 'github.installation_renamed',
      details: { ...about, from: before.account_login, to: account.login },
    });
  if (before.status !== status)
    facts.push({
      type: `github.installation_${status === 'active' ? 'unsuspended' : 'suspended'}`,
      details: about,
    });
  if (before.repository_selection !== repositorySelection)
    facts.push({
      type: 'github.repository_selection_changed',
      details: { ...about, from: before.repository_selection, to: repositorySelection },
    });
  return facts;
}

/**
 * Marks repositories that are missing from the list as removed. An item that could not be parsed still counts as listed
 * if it has an id or a name. If any item has neither, nothing is removed. Keeping the rows is safe, because GitHub
 * refuses tokens for repositories that aren't shared.
 */
function removeAbsent(tx: Transaction, installationId: number, list: ReadList): Promise<Named[]> {
  const { repositories, odd, isWhole } = list;
  if (!isWhole || odd.some(({ id, name }) => id === null && name === null)) return Promise.resolve([]);
  const ids = [...repositories, ...odd].flatMap(({ id }) => (typeof id === 'number' ? [id] : []));
  return removeOthers(tx, installationId, {
    ids,
    names: odd.flatMap(({ id, name }) => (id === null && name !== null ? [name.toLowerCase()] : [])),
  });
}

/** Keeps the sync requested, so that it runs again if the process crashes between two batches. */
async function keepSyncRequested(tx: Transaction, installationId: number): Promise<void> {
  await execute(
    tx,
    sql`
      UPDATE installations SET sync_requested_at = coalesce(sync_requested_at, now()) WHERE id = ${installationId}`,
  );
}

/**
 * Ends the sync. If the list was complete, also stores when it was read: a repository that only a later sync finds must
 * have been added after that.
 */
async function endSync(
  tx: Transaction,
  installationId: number,
  list: ReadList | null,
  fingerprint: string | null,
): Promise<void> {
  const wholeAt = list?.isWhole && list.odd.length === 0 ? list.seq : null;
  await execute(
    tx,
    sql`
      UPDATE installations SET list_read_seq = coalesce(${wholeAt}::bigint, list_read_seq),
        list_fingerprint = coalesce(${fingerprint}, list_fingerprint), synced_at = now(), sync_requested_at = NULL, sync_leased_until = NULL, sync_lease = NULL,
        sync_error = NULL, sync_failures = 0, sync_retry_at = NULL
      WHERE id = ${installationId}`,
  );
}

export type Named = { id: bigint; owner: string; name: string };

/** Inserts or updates repositories in one statement, which writes only new and changed rows. */
export async function upsertRepositories(
  tx: Transaction,
  installationId: number,
  repositories: readonly GitHubRepository[],
): Promise<{ added: Named[]; changed: Named[] }> {
  if (repositories.length === 0) return { added: [], changed: [] };
  const incoming = JSON.stringify(
    repositories.map((repository) => ({
      id: repository.id,
      owner: repository.owner,
      name: repository.name,
      clone_url: repository.cloneUrl,
      default_branch: repository.defaultBranch,
      private: repository.private,
      archived: repository.archived,
    })),
  );
  const written = await query(
    tx,
    sql<Named & { added: boolean }>`
      WITH incoming AS (
        SELECT * FROM jsonb_to_recordset(${incoming}::jsonb) AS i
          (id bigint, owner text, name text, clone_url text, default_branch text, private boolean, archived boolean)
      ), differing AS (
        SELECT i.*, (r.id IS NULL OR r.removed_at IS NOT NULL) AS added
        FROM incoming i LEFT JOIN repositories r ON r.installation_id = ${installationId} AND r.id = i.id
        WHERE r.id IS NULL
          OR (r.owner, r.name, r.clone_url, r.default_branch, r.private, r.archived, r.removed_at)
            IS DISTINCT FROM (i.owner, i.name, i.clone_url, i.default_branch, i.private, i.archived, NULL::timestamptz)
      ), written AS (
        INSERT INTO repositories (installation_id, id, owner, name, clone_url, default_branch, private, archived)
        SELECT ${installationId}, id, owner, name, clone_url, default_branch, private, archived FROM differing
        ON CONFLICT (installation_id, id) DO UPDATE SET owner = excluded.owner, name = excluded.name,
          clone_url = excluded.clone_url, default_branch = excluded.default_branch, private = excluded.private,
          archived = excluded.archived, removed_at = NULL
        RETURNING id
      )
      SELECT d.id, d.owner, d.name, d.added FROM differing d JOIN written w ON w.id = d.id ORDER BY d.id`,
  );
  return { added: written.filter((row) => row.added), changed: written.filter((row) => !row.added) };
}

/** Marks repositories as removed unless `kept` contains their id or name. Names are `owner/name` in lower case. */
export function removeOthers(
  tx: Transaction,
  installationId: number,
  kept: { ids: number[]; names: string[] },
): Promise<Named[]> {
  return query(
    tx,
    sql<Named>`
      UPDATE repositories r SET removed_at = now()
      WHERE r.installation_id = ${installationId} AND r.removed_at IS NULL
        AND NOT EXISTS (SELECT 1 FROM unnest(${kept.ids}::bigint[]) AS k(id) WHERE k.id = r.id)
        AND NOT (lower(r.owner || '/' || r.name) = ANY (${kept.names}::text[]))
      RETURNING r.id, r.owner, r.name`,
  );
}
