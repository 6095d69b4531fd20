import type { ApiKeyActor, UserActor } from '../actor';
import type { RequestOrigin } from '../audit/event';
import { type MintRefusal, type RecordedEvent, recordAuditEventNow, recordMint } from '../audit/record';
import type { Json } from '../contract/audit-event';
import { type MintRequest, type MintResponse, TOKEN_PERMISSIONS } from '../contract/mint';
import { GitHubError, githubProblem } from '../github/error';
import { createInstallationToken, type InstallationToken } from '../github/installation-token';
import { log } from '../observability/log';
import { metrics } from '../observability/metrics';
import { notFound, Problem } from '../problem';
import { requireAuthority } from './authority';
import { chooseInstallation, findMintableInstallation } from './choose-installation';
import { noteRefusedByGitHub, type SyncSoon } from './refused-by-github';
import { revokeUnreleased } from './revoke';
import { type MintableInstallation, notActive, resolveRepositories, type ScopedRepository } from './scope';
import { revokeMinted, waitUntilAccepted } from './verify';

type MintInput = {
  workspaceId: string;
  actor: UserActor | ApiKeyActor;
  origin: RequestOrigin;
  request: MintRequest;
  /** Called when GitHub's refusal shows that what is stored of an installation is out of date. */
  syncSoon?: SyncSoon;
};

/**
 * Mints one fresh, read-only token and returns it after its audit row is committed (C06, C08, C10, C15). Nothing is
 * cached and nothing is coalesced: one answer, one token, one row. A refusal is audited as `github.token_denied`.
 *
 * @throws {Problem} its codes are those of the mint's answers; on `audit_unavailable` the token was revoked
 */
export async function mintToken(input: MintInput): Promise<MintResponse> {
  let installation: MintableInstallation | undefined;
  let token: InstallationToken | undefined;
  try {
    const { installation_id, repositories: asked } = input.request;
    const keyRepositoryIds = input.actor.type === 'api_key' ? input.actor.repositoryIds : null;
    installation =
      installation_id === undefined
        ? await chooseInstallation(input.workspaceId, { asked, keyRepositoryIds })
        : await findMintableInstallation(input.workspaceId, installation_id);
    const repositories = await resolveRepositories(installation.id, asked, keyRepositoryIds);
    token = await createInstallationToken(
      installation.id,
      { permissions: TOKEN_PERMISSIONS, repositoryIds: repositories?.map((repository) => repository.id) },
      { tenant: input.workspaceId },
    );
    await refuseMoreThanAsked(token, repositories);
    await recordBeforeRelease(input, installation, repositories, token);
    if (input.request.verify === true) {
      await waitUntilAccepted(token, input);
      await refuseIfEndedMeanwhile(input, installation, repositories, token);
    }
    metrics.mints.inc({ outcome: 'minted' });
    return toResponse(installation, repositories, token);
  } catch (error) {
    const problem = error instanceof GitHubError ? await explain(error, installation, input) : error;
    const recorded = recordDenial(input, installation, problem, token);
    // The database has just failed to take a row: whether it takes this one is nothing to wait for.
    if (!(problem instanceof Problem && problem.code === 'audit_unavailable')) await recorded;
    throw problem;
  }
}

async function refuseMoreThanAsked(
  token: InstallationToken,
  repositories: ScopedRepository[] | undefined,
): Promise<void> {
  if (!isWiderThanAsked(token, repositories) && token.lifetimeMs <= LONGEST_LIFE_MS) return;
  await revokeUnreleased(token, 'GitHub answered with more than was asked for');
  throw new Problem(
    'github_error',
    'GitHub answered with a wider or longer-lived token than was asked for; it was revoked.',
  );
}

/** An hour (C06), and what GitHub may round or take for its answer. */
const LONGEST_LIFE_MS = 3_600_000 + 60_000;

/** Exactly `contents: read, metadata: read`, and no repository that was not asked for (C10, C22). */
function isWiderThanAsked(token: InstallationToken, repositories: ScopedRepository[] | undefined): boolean {
  const asked: Record<string, string> = TOKEN_PERMISSIONS;
  const permissions = Object.entries(token.permissions);
  if (permissions.length !== Object.keys(asked).length) return true;
  if (permissions.some(([name, access]) => asked[name] !== access)) return true;
  if (repositories === undefined) return false;
  if (token.repositorySelection === 'all') return true;
  const askedIds = new Set(repositories.map((repository) => repository.id));
  return token.repositoryIds === undefined || token.repositoryIds.some((id) => !askedIds.has(id));
}

async function recordBeforeRelease(
  { workspaceId, actor, origin }: MintInput,
  installation: MintableInstallation,
  repositories: ScopedRepository[] | undefined,
  token: InstallationToken,
): Promise<void> {
  let row: RecordedEvent | MintRefusal;
  try {
    row = await recordMint({
      workspaceId,
      type: 'github.token_minted',
      actor,
      origin,
      installationId: installation.id,
      details: {
        ...describeCovered(repositories, installation),
        permissions: token.permissions,
        expires_at: token.expiresAt,
        hashed_token: token.hashedToken,
      },
    });
  } catch (error) {
    await revokeUnreleased(token, 'its audit row could not be committed');
    throw new Problem(
      'audit_unavailable',
      'The mint could not be recorded, so the token was revoked. Try again.',
      {
        cause: error,
        retryAfterSeconds: 5,
      },
    );
  }
  if (typeof row !== 'string') return;
  await revokeUnreleased(token, row);
  await requireAuthority({ workspaceId, actor }, repositories);
  await findMintableInstallation(workspaceId, installation.id);
  throw row === 'authority_ended' ? notFound() : notActive('deleted');
}

/**
 * Waiting for GitHub takes seconds after the row was committed, so authority and installation are checked once more.
 * The row says that the token was minted; a second row says that it was revoked.
 */
async function refuseIfEndedMeanwhile(
  input: MintInput,
  installation: MintableInstallation,
  repositories: ScopedRepository[] | undefined,
  token: InstallationToken,
): Promise<void> {
  try {
    await requireAuthority(input, repositories);
    await findMintableInstallation(input.workspaceId, installation.id);
  } catch (error) {
    await revokeMinted(token, input, 'its caller or its installation ended while it was verified');
    throw error;
  }
}

/** "All" says nothing later, when the list is another: its number of repositories and its version do. */
function describeCovered(
  repositories: ScopedRepository[] | undefined,
  { list }: MintableInstallation,
): { [key: string]: Json } {
  if (repositories !== undefined)
    return { repositories: repositories.map(({ id, full_name }) => ({ id, full_name })) };
  return { repositories: 'all', repository_count: list.count, repository_list_version: list.version };
}

/** GitHub's refusal in our words; "gone" and "suspended" are stored at once, as if the webhook had come (C19, C20). */
async function explain(
  error: GitHubError,
  installation: MintableInstallation | undefined,
  { actor, origin, request, syncSoon }: MintInput,
): Promise<Problem> {
  if (installation === undefined) return githubProblem(error);
  const namedRepositories =
    request.repositories !== undefined || (actor.type === 'api_key' && actor.repositoryIds !== null);
  try {
    const scope = { namedRepositories, syncSoon };
    return (await noteRefusedByGitHub(installation.id, origin, error, scope)) ?? githubProblem(error);
  } catch (second) {
    if (second instanceof GitHubError) return githubProblem(second);
    throw second;
  }
}

/**
 * A refusal stands even if it cannot be recorded: nothing was released. The hash of a token that was minted and not
 * released is in the row, so that GitHub's log, which has it too, is explained by ours.
 */
async function recordDenial(
  input: MintInput,
  installation: MintableInstallation | undefined,
  error: unknown,
  token: InstallationToken | undefined,
): Promise<void> {
  const reason = error instanceof Problem ? error.code : 'internal';
  metrics.mints.inc({ outcome: 'denied' });
  metrics.mintDenials.inc({ reason });
  const minted = token === undefined ? {} : { hashed_token: token.hashedToken };
  try {
    await recordAuditEventNow({
      workspaceId: input.workspaceId,
      type: 'github.token_denied',
      actor: input.actor,
      origin: input.origin,
      installationId: installation?.id,
      details: { reason, ...describeAsked(input.request.repositories), ...minted },
    });
  } catch (cause) {
    log.error(
      { err: cause, requestId: input.origin.requestId, reason, ...minted },
      'a refused mint could not be recorded',
    );
  }
}

/** A refusal's row names at most so many of what was asked for: the names are the caller's own, and rows stay for good. */
const MAX_NAMED = 20;

function describeAsked(asked: MintRequest['repositories']): { [key: string]: Json } {
  if (asked === undefined) return { repositories: 'all' };
  if (asked.length <= MAX_NAMED) return { repositories: asked };
  return { count: asked.length, repositories: asked.slice(0, MAX_NAMED) };
}

function toResponse(
  installation: MintableInstallation,
  repositories: ScopedRepository[] | undefined,
  token: InstallationToken,
): MintResponse {
  return {
    token: token.token,
    expires_at: token.expiresAt,
    installation_id: installation.id,
    account: installation.account,
    permissions: TOKEN_PERMISSIONS,
    // GitHub may leave it out: a token for named repositories was compared with these, any other covers all.
    repository_selection: token.repositorySelection ?? (repositories === undefined ? 'all' : 'selected'),
    ...(repositories === undefined ? {} : { repositories }),
  };
}
