import type { RequestOrigin, ServiceActor, UserActor } from '../actor';
import { type MintRefusal, recordAuditEventNow, recordMint, workloadDetails } from '../audit/record';
import { requireMembership } from '../auth/session';
import type { AuditDetails } from '../contract/audit-types';
import { type MintRequest, type MintResponse, TOKEN_PERMISSIONS } from '../contract/mint';
import { GitHubError, githubProblem } from '../github/errors';
import { createInstallationToken, type InstallationToken } from '../github/tokens';
import type { Minter, StoredInstallations } from '../installation/stored';
import { log } from '../observability/log';
import { metrics } from '../observability/metrics';
import { notFound, Problem } from '../problem';
import { type SyncSoon, storeRefusal } from './refused-by-github';
import { revokeMinted, revokeUnreleased, waitUntilAccepted } from './release';
import { reloadService } from './reload-service';
import {
  chooseInstallation,
  findMintableInstallation,
  type MintableInstallation,
  notAccessible,
  notActive,
  resolveRepositories,
  type ScopedRepository,
} from './scope';

type MintInput = {
  workspaceId: string;
  /** The caller. A service may carry the workspace's installations, which were read when it was authenticated. */
  actor: UserActor | (ServiceActor & { installations?: StoredInstallations });
  origin: RequestOrigin;
  request: MintRequest;
  /** Called when GitHub's rejection shows that the stored copy of the installation is stale. */
  syncSoon?: SyncSoon;
};

/**
 * Mints a fresh, read-only token and returns it once its audit row is committed. Tokens are never cached or shared:
 * each response has its own token and its own row. A refused mint is recorded as `github.token_denied`.
 *
 * @throws {Problem} with an error code of the mint endpoint; `audit_unavailable` means that a token was minted but then
 *   revoked
 */
export async function mintToken(input: MintInput): Promise<MintResponse> {
  let installation: MintableInstallation | undefined;
  let token: InstallationToken | undefined;
  try {
    const { installation_id, repositories: asked } = input.request;
    const wanted = { asked, keyRepositoryIds: boundTo(input.actor) };
    const known = input.actor.type === 'user' ? undefined : input.actor.installations;
    installation =
      installation_id === undefined
        ? await chooseInstallation(minterOf(input), wanted, known)
        : await findMintableInstallation(minterOf(input), installation_id, known);
    const repositories = await resolveRepositories(installation.id, wanted);
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
    const problem = error instanceof GitHubError ? await toProblem(error, installation, input) : error;
    const recorded = recordDenial(input, installation, problem, token);
    // The database has just failed to store a row, so don't make the caller wait for this one too.
    if (!(problem instanceof Problem && problem.code === 'audit_unavailable')) await recorded;
    throw problem;
  }
}

const boundTo = (actor: UserActor | ServiceActor): number[] | null =>
  actor.type === 'user' ? null : actor.repositoryIds;

const minterOf = ({ workspaceId, actor }: Pick<MintInput, 'workspaceId' | 'actor'>): Minter => ({
  workspaceId,
  apiKeyId: actor.type === 'api_key' ? actor.id : null,
});

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

/** The maximum lifetime to accept: one hour, plus a minute for rounding and GitHub's response time. */
const LONGEST_LIFE_MS = 3_600_000 + 60_000;

/**
 * Checks whether the token's permissions differ from those requested, or whether it can read more repositories than
 * requested.
 */
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
  let row: Awaited<ReturnType<typeof recordMint>>;
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
        ...workloadDetails(actor),
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
  await requireAuthority({ workspaceId, actor, origin }, repositories);
  await findMintableInstallation(minterOf({ workspaceId, actor }), installation.id);
  throw NO_LONGER_FOUND[row]();
}

/** The problems for mints whose row was refused for a reason that no longer exists when we look for it. */
const NO_LONGER_FOUND = {
  authority_ended: notFound,
  installation_ended: () => notActive('deleted'),
  minting_stopped: () =>
    new Problem('minting_stopped', 'The operator stopped issuing tokens, and has started again. Try again.', {
      retryAfterSeconds: 1,
    }),
} as const satisfies Record<MintRefusal, () => Problem>;

/**
 * Checks the caller's authority and the installation again after verification, which may take seconds. If either has
 * ended meanwhile, the token is revoked, and a second audit row records the revocation.
 */
async function refuseIfEndedMeanwhile(
  input: MintInput,
  installation: MintableInstallation,
  repositories: ScopedRepository[] | undefined,
  token: InstallationToken,
): Promise<void> {
  try {
    await requireAuthority(input, repositories);
    await findMintableInstallation(minterOf(input), installation.id);
  } catch (error) {
    await revokeMinted(token, input, 'its caller or its installation ended while it was verified');
    throw error;
  }
}

/**
 * Checks that the caller may still mint for these repositories. An API key or trust rule must be live and cover them, and
 * a key must be allowed at the client's address. A user must be a member. The trigger
 * `audit_events_mint_authority` enforces the same rule on the audit row, but doesn't say
 * why it refused. This function finds the reason.
 *
 * @throws {Problem} `unauthenticated`, `forbidden`, `not_found` or `repository_not_accessible`, as for a new request
 */
async function requireAuthority(
  { workspaceId, actor, origin }: Pick<MintInput, 'workspaceId' | 'actor' | 'origin'>,
  repositories: ScopedRepository[] | undefined,
): Promise<void> {
  if (actor.type === 'user') return requireMembership(workspaceId, actor.id, 'member');
  const { repositoryIds } = await reloadService(actor, origin);
  if (repositoryIds === null) return;
  if (repositories === undefined || repositories.some(({ id }) => !repositoryIds.includes(id)))
    throw notAccessible(`The ${CREDENTIAL[actor.type]} no longer covers all of these repositories.`);
}

const CREDENTIAL = { api_key: 'API key', workload: 'trust rule' } as const satisfies Record<
  ServiceActor['type'],
  string
>;

/**
 * Describes the repositories that the token covers. A token for all repositories is recorded with the list's length and
 * version, because the list may change later.
 */
function describeCovered(
  repositories: ScopedRepository[] | undefined,
  { list }: MintableInstallation,
): Pick<
  AuditDetails<'github.token_minted'>,
  'repositories' | 'repository_count' | 'repository_list_version'
> {
  if (repositories !== undefined)
    return { repositories: repositories.map(({ id, full_name }) => ({ id, full_name })) };
  return { repositories: 'all', repository_count: list.count, repository_list_version: list.version };
}

/**
 * Converts GitHub's rejection into a problem for the caller. If the installation is gone or suspended, its new state is
 * stored first, as if the webhook had arrived.
 */
async function toProblem(
  error: GitHubError,
  installation: MintableInstallation | undefined,
  { actor, origin, request, syncSoon }: MintInput,
): Promise<Problem> {
  if (installation === undefined) return githubProblem(error);
  const namedRepositories = request.repositories !== undefined || boundTo(actor) !== null;
  try {
    const scope = { namedRepositories, syncSoon };
    return (await storeRefusal(installation.id, origin, error, scope)) ?? githubProblem(error);
  } catch (second) {
    if (second instanceof GitHubError) return githubProblem(second);
    throw second;
  }
}

/**
 * Records a refused mint. The mint stays refused even if the row cannot be committed, because no token was released. If
 * GitHub had already minted a token, the row holds the token's hash, so the row can be matched with GitHub's log.
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
      details: {
        reason,
        ...describeAsked(input.request.repositories),
        ...minted,
        ...workloadDetails(input.actor),
      },
    });
  } catch (cause) {
    log.error(
      { err: cause, requestId: input.origin.requestId, reason, ...minted },
      'a refused mint could not be recorded',
    );
  }
}

/**
 * Cap on the requested repositories named in the audit row of a refused mint. Without it, callers could bloat the audit
 * log, because they choose the names and rows are kept forever.
 */
const MAX_NAMED = 20;

function describeAsked(
  asked: MintRequest['repositories'],
): Pick<AuditDetails<'github.token_denied'>, 'repositories' | 'count'> {
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
    // GitHub may omit the selection. The token was already checked against the request, so derive the selection from
    // the request.
    repository_selection: token.repositorySelection ?? (repositories === undefined ? 'all' : 'selected'),
    ...(repositories === undefined ? {} : { repositories }),
  };
}
