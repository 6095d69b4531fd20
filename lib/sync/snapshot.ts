import { type RequestOrigin, SYSTEM_SYNC } from '../actor';
import { recordAuditEventNow, recordMint } from '../audit/record';
import type { MintingStop } from '../contract/minting-stop';
import { query, sql } from '../db/sql';
import {
  type GitHubInstallation,
  getInstallation,
  listInstallationRepositories,
  type Progress,
  type RepositoryList,
} from '../github/installations';
import { createInstallationToken, endToken } from '../github/tokens';
import { STOP } from '../installation/stored';
import { log } from '../observability/log';
import { mintingStopped } from '../problem';

/** One installation's state on GitHub at one moment. */
export type Snapshot = {
  installation: GitHubInstallation;
  /** `null` if the installation is suspended, because GitHub lists no repositories for a suspended installation. */
  list: ReadList | null;
};

/** `seq` is the number of an audit event that was recorded before the list was read. */
export type ReadList = RepositoryList & { seq: number };

/**
 * Thrown if the installation was disconnected or connected to another workspace while GitHub minted a token, in which
 * case the token is not used.
 */
export class EndedMeanwhile extends Error {
  override readonly name = 'EndedMeanwhile';
}

/**
 * Reads an installation and its repositories from GitHub.
 *
 * @param report called with the progress while the repository list is read
 * @throws {GitHubError} `not_found` if the App was uninstalled
 * @throws {EndedMeanwhile}
 */
export async function readSnapshot(
  installationId: number,
  workspaceId: string,
  origin: RequestOrigin,
  report: (progress: Progress) => void,
): Promise<Snapshot> {
  const installation = await getInstallation(installationId);
  const list =
    installation.suspendedAt === null
      ? await readRepositories(installationId, workspaceId, origin, report)
      : null;
  return { installation, list };
}

/**
 * Lists an installation's repositories, using a token that can only read metadata. The mint is recorded in the audit
 * log as `system:sync` before the token is used, and the token is revoked afterwards.
 *
 * @throws {GitHubError}
 * @throws {EndedMeanwhile}
 * @throws {Problem} `minting_stopped`
 * @throws the database's error if the mint cannot be recorded, in which case the token is not used
 */
export async function readRepositories(
  installationId: number,
  workspaceId: string,
  origin: RequestOrigin,
  report?: (progress: Progress) => void,
): Promise<ReadList> {
  await refuseIfStopped(workspaceId);
  const token = await createInstallationToken(
    installationId,
    { permissions: { metadata: 'read' } },
    { routeClass: 'sync', tenant: workspaceId },
  );
  try {
    const mint = { workspaceId, actor: SYSTEM_SYNC, origin, installationId };
    const recorded = await recordMint({
      ...mint,
      type: 'github.token_minted',
      details: {
        repositories: 'all',
        permissions: token.permissions,
        expires_at: token.expiresAt,
        hashed_token: token.hashedToken,
      },
    });
    if (typeof recorded === 'string') {
      const reason = recorded === 'minting_stopped' ? recorded : 'installation_deleted';
      const details = { reason, hashed_token: token.hashedToken };
      await recordAuditEventNow({ ...mint, type: 'github.token_denied', details });
      await refuseIfStopped(workspaceId);
      throw new EndedMeanwhile(`installation ${installationId} has ended here`);
    }
    return { ...(await listInstallationRepositories(token, report)), seq: recorded.seq };
  } finally {
    await endToken(token.token, true).catch((error: unknown) => {
      log.error({ err: error, installationId }, 'the token of a sync could not be revoked');
    });
  }
}

/**
 * A stop holds for our own tokens too: while nobody may mint, neither may we. A stop of one API key does not, because a
 * sync uses none.
 *
 * @throws {Problem} `minting_stopped`
 */
async function refuseIfStopped(workspaceId: string): Promise<void> {
  const [row] = await query(
    'work',
    sql<{ stop: MintingStop }>`SELECT ${STOP} AS stop FROM minting_stops s
      WHERE s.api_key_id IS NULL AND (s.workspace_id IS NULL OR s.workspace_id = ${workspaceId}::uuid) LIMIT 1`,
  );
  if (row !== undefined) throw mintingStopped(row.stop);
}
