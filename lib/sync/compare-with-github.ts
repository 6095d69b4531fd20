import { inTransaction, type Transaction } from '../db/client';
import { listInstallations } from '../github/installations';
import { log } from '../observability/log';

/**
 * Compares GitHub's list of installations with the stored ones, in three statements for any number. Differences
 * only request a sync. Installations that are deleted here and still listed are reported, because `deleted` is
 * final (ADR 0009). Only a disconnect uninstalls, never a mistake in the configuration.
 *
 * @param startedAt the database's time before the list was requested
 * @throws {GitHubError} if the list cannot be read to its end; nothing is compared then
 */
export async function compareWithGitHub(startedAt: Date): Promise<{ listed: number; discovered: number }> {
  const { installations: listed, odd, isWhole } = await listInstallations();
  const unread = odd.flatMap(({ id }) => (typeof id === 'number' ? [id] : []));
  const isAbsenceTold = isWhole && odd.every(({ id }) => id !== null);
  const rows = JSON.stringify(
    listed.map(({ id, account, repositorySelection, suspendedAt }) => ({
      id,
      account_id: account.id,
      account_login: account.isNamed ? account.login : null,
      account_type: account.type,
      repository_selection: repositorySelection,
      status: suspendedAt === null ? 'active' : 'suspended',
      suspended_at: suspendedAt,
    })),
  );
  return inTransaction(async (tx) => {
    const discovered = await insertUnknown(tx, rows);
    await requestSyncsOfDifferent(tx, rows, startedAt, isAbsenceTold ? unread : null);
    await reportStillListed(tx, rows, startedAt);
    return { listed: listed.length, discovered };
  });
}

/** Stores installations that are unknown here. They belong to nobody until a bind, and have no known installer. */
function insertUnknown(tx: Transaction, rows: string): Promise<number> {
  return tx.$executeRaw`
    INSERT INTO installations (id, account_id, account_login, account_type, repository_selection, status,
      suspended_at, sync_requested_at)
    SELECT id, account_id, coalesce(account_login, 'account-' || account_id), account_type, repository_selection, status::installation_status,
      suspended_at, now()
    FROM jsonb_to_recordset(${rows}::jsonb) AS l (id bigint, account_id bigint, account_login text,
      account_type text, repository_selection text, status text, suspended_at timestamptz)
    WHERE NOT EXISTS (SELECT 1 FROM installations i WHERE i.id = l.id)
    ORDER BY id ON CONFLICT (id) DO NOTHING`;
}

/**
 * Requests a sync of each installation that differs from the list. An installation that is absent, and was stored
 * before the list was read, is checked by its own route, where a 404 marks it deleted.
 *
 * @param unread ids whose items cannot be read; `null` if absence from the list proves nothing
 */
async function requestSyncsOfDifferent(
  tx: Transaction,
  rows: string,
  startedAt: Date,
  unread: number[] | null,
): Promise<void> {
  await tx.$executeRaw`
    WITH listed AS (
      SELECT * FROM jsonb_to_recordset(${rows}::jsonb) AS l (id bigint, account_login text,
        repository_selection text, status text)
    ), different AS (
      SELECT i.id FROM installations i LEFT JOIN listed l ON l.id = i.id
      WHERE i.status <> 'deleted' AND (
        (${unread !== null} AND l.id IS NULL AND i.created_at < ${startedAt} AND NOT (i.id = ANY (${unread ?? []}::bigint[])))
        OR (coalesce(l.account_login, i.account_login), l.repository_selection, l.status)
          IS DISTINCT FROM (i.account_login, i.repository_selection, i.status::text) AND l.id IS NOT NULL)
      ORDER BY i.id FOR UPDATE OF i)
    UPDATE installations i SET sync_requested_at = now(), revision = revision + 1
    FROM different d WHERE d.id = i.id`;
}

/** The most ids that the log line names. It always gives the number. */
const MAX_NAMED = 20;

/** Warns the operator that an end was a mistake, or that an older database was restored. */
async function reportStillListed(tx: Transaction, rows: string, startedAt: Date): Promise<void> {
  const still = await tx.$queryRaw<{ id: bigint }[]>`
    SELECT i.id FROM installations i JOIN jsonb_to_recordset(${rows}::jsonb) AS l (id bigint) ON l.id = i.id
    WHERE i.status = 'deleted' AND i.uninstall_requested_at IS NULL AND i.deleted_at < ${startedAt} ORDER BY i.id`;
  if (still.length === 0) return;
  const installationIds = still.slice(0, MAX_NAMED).map(({ id }) => Number(id));
  log.warn({ count: still.length, installationIds }, 'installations have ended here that GitHub still lists');
}
