import { SYSTEM_SYNC } from '../actor';
import type { RequestOrigin } from '../audit/event';
import { recordAuditEventNow, recordMint } from '../audit/record';
import { endToken } from '../github/end-token';
import {
  listInstallationRepositories,
  type Progress,
  type RepositoryList,
} from '../github/installation-repositories';
import { createInstallationToken } from '../github/installation-token';
import { type GitHubInstallation, getInstallation } from '../github/installations';
import { log } from '../observability/log';

/** GitHub's state of one installation at one moment. */
export type Snapshot = {
  installation: GitHubInstallation;
  /** `null` while suspended, because GitHub then lists no repositories. */
  list: ReadList | null;
};

/** `seq` is the number of an audit event that was recorded before the reading began. */
export type ReadList = RepositoryList & { seq: number };

/**
 * Thrown when the installation was disconnected or connected to another workspace while GitHub minted. The token is
 * not used.
 */
export class EndedMeanwhile extends Error {
  override readonly name = 'EndedMeanwhile';
}

/**
 * Reads an installation and its repositories from GitHub.
 *
 * @param report receives the progress of the repository list
 * @throws {GitHubError} `not_found`: uninstalled; {@link EndedMeanwhile}
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
 * Lists the installation's repositories with a token that reads metadata only. The mint is audited as `system:sync`
 * before the token is used, and the token is revoked afterwards.
 *
 * @throws {GitHubError}; {@link EndedMeanwhile}, or the database's error: without the row the token is not used
 */
export async function readRepositories(
  installationId: number,
  workspaceId: string,
  origin: RequestOrigin,
  report?: (progress: Progress) => void,
): Promise<ReadList> {
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
      const details = { reason: 'installation_deleted', hashed_token: token.hashedToken };
      await recordAuditEventNow({ ...mint, type: 'github.token_denied', details });
      throw new EndedMeanwhile(`installation ${installationId} has ended here`);
    }
    return { ...(await listInstallationRepositories(token, report)), seq: recorded.seq };
  } finally {
    await endToken(token.token, true).catch((error: unknown) => {
      log.error({ err: error, installationId }, 'the token of a sync could not be revoked');
    });
  }
}
