import type { RequestOrigin } from '../audit/event';
import { recordAuditEvent } from '../audit/record';
import { SYSTEM_SYNC } from '../auth/actor';
import type { AuditEventType, Json } from '../contract/audit-event';
import type { Transaction } from '../db/client';
import type { GitHubRepository } from '../github/installation-repositories';
import { describeRepositories } from '../installation/describe-repositories';
import type { Snapshot } from './snapshot';

type Stored = {
  workspace_id: string;
  account_login: string;
  repository_selection: string;
  status: 'active' | 'suspended' | 'deleted';
};
type Named = { id: bigint; owner: string; name: string };

/**
 * Writes what GitHub said, and audits what changed. The only code that widens access.
 *
 * @param revision the installation's revision when the snapshot's reading began
 * @returns `false` when the installation changed in between: the snapshot is stale, and nothing is written
 */
export async function applySnapshot(
  tx: Transaction,
  { installation, repositories }: Snapshot,
  revision: bigint,
  origin: RequestOrigin,
): Promise<boolean> {
  const { id, account, repositorySelection, suspendedAt } = installation;
  const [before] = await tx.$queryRaw<Stored[]>`
    SELECT workspace_id, account_login, repository_selection, status::text AS status FROM installations
    WHERE id = ${id} AND revision = ${revision} AND status <> 'deleted' FOR UPDATE`;
  if (before === undefined) return false;

  const status = suspendedAt === null ? 'active' : 'suspended';
  await tx.$executeRaw`
    UPDATE installations SET account_id = ${account.id}, account_login = ${account.login},
      account_type = ${account.type}, repository_selection = ${repositorySelection},
      status = ${status}::installation_status, suspended_at = ${suspendedAt},
      synced_at = now(), sync_requested_at = NULL, sync_leased_until = NULL, sync_lease = NULL, sync_error = NULL,
      sync_failures = 0, sync_retry_at = NULL
    WHERE id = ${id}`;

  const audit = (type: AuditEventType, details: { [key: string]: Json }) =>
    recordAuditEvent(tx, {
      workspaceId: before.workspace_id,
      type,
      actor: SYSTEM_SYNC,
      origin,
      installationId: id,
      details: { account: account.login, noticed_by: 'sync', ...details },
    });

  if (before.account_login !== account.login)
    await audit('github.installation_renamed', { from: before.account_login, to: account.login });
  if (before.status !== status)
    await audit(
      status === 'active' ? 'github.installation_unsuspended' : 'github.installation_suspended',
      {},
    );
  if (before.repository_selection !== repositorySelection)
    await audit('github.repository_selection_changed', {
      from: before.repository_selection,
      to: repositorySelection,
    });
  if (repositories === null) return true;

  const { added, changed } = await upsertRepositories(tx, id, repositories);
  const removed = await removeOthers(tx, id, repositories);
  if (added.length > 0) await audit('github.repositories_added', describeRepositories(added));
  if (changed.length > 0) await audit('github.repositories_changed', describeRepositories(changed));
  if (removed.length > 0) await audit('github.repositories_removed', describeRepositories(removed));
  return true;
}

/** One statement, which writes only the rows that differ: a sync without news rewrites nothing. */
async function upsertRepositories(
  tx: Transaction,
  installationId: number,
  repositories: GitHubRepository[],
): Promise<{ added: Named[]; changed: Named[] }> {
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
  const written = await tx.$queryRaw<(Named & { added: boolean })[]>`
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
    SELECT d.id, d.owner, d.name, d.added FROM differing d JOIN written w ON w.id = d.id ORDER BY d.id`;
  return { added: written.filter((row) => row.added), changed: written.filter((row) => !row.added) };
}

async function removeOthers(
  tx: Transaction,
  installationId: number,
  kept: GitHubRepository[],
): Promise<Named[]> {
  const ids = kept.map((repository) => repository.id);
  return tx.$queryRaw<Named[]>`
    UPDATE repositories SET removed_at = now()
    WHERE installation_id = ${installationId} AND removed_at IS NULL AND NOT (id = ANY (${ids}::bigint[]))
    RETURNING id, owner, name`;
}
