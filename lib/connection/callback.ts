import type { RequestOrigin } from '../audit/event';
import { recordAuditEventNow } from '../audit/record';
import type { UserActor } from '../auth/actor';
import { findWorkspaceForUser } from '../auth/membership';
import { hasRole } from '../auth/roles';
import { getDb } from '../db/client';
import { GitHubError } from '../github/error';
import { getInstallation } from '../github/installations';
import { listUserInstallations } from '../github/user-installations';
import { type GitHubUser, withGitHubUser } from '../github/user-oauth';
import { log } from '../observability/log';
import { bindInstallation, refusal } from './bind';
import {
  consumeAttempt,
  findOpenAttempt,
  finishAttempt,
  type OpenAttempt,
  offerChoice,
} from './connect-attempt';
import type { ConnectOutcome } from './outcomes';
import { settingsPage } from './pages';
import { proveOwnership } from './prove-ownership';
import { syncAfterBind } from './sync-after-bind';

export type OAuthCallback = {
  code: string | undefined;
  state: string | undefined;
  error: string | undefined;
};

type Attempt = { attempt: OpenAttempt; actor: UserActor; origin: RequestOrigin };

/**
 * The App's OAuth callback: takes the attempt, learns who the GitHub user is, proves ownership, binds.
 *
 * @returns where to send the browser
 */
export async function handleCallback(
  callback: OAuthCallback,
  actor: UserActor,
  origin: RequestOrigin,
): Promise<string> {
  if (callback.state === undefined) return settingsPage(undefined, 'unknown_attempt');
  const found = await findOpenAttempt(callback.state, actor.id);
  if ('refused' in found) return settingsPage(found.slug, found.refused);
  const { attempt } = found;
  if (!(await consumeAttempt(attempt.id))) return settingsPage(attempt.workspace.slug, 'already_used');

  const outcome = await complete(callback, callback.state, { attempt, actor, origin });
  if (outcome === 'choose_installation') return settingsPage(attempt.workspace.slug, outcome, attempt.id);
  await finishAttempt(attempt.id, outcome);
  return settingsPage(attempt.workspace.slug, outcome);
}

async function complete(callback: OAuthCallback, state: string, input: Attempt): Promise<ConnectOutcome> {
  const { attempt, actor, origin } = input;
  if (callback.error === 'access_denied') return 'access_denied';
  if (callback.code === undefined) return 'authorization_failed';
  // The role is asked again: it may have been taken away while the browser was at GitHub.
  const membership = await findWorkspaceForUser(attempt.workspace.slug, actor.id);
  if (membership === null || !hasRole(membership.role, 'admin')) return 'not_admin';
  try {
    return await withGitHubUser(callback.code, state, (user) =>
      attempt.candidateInstallationId === null
        ? bindOneOfTheirs(user, input)
        : bindCandidate(user, Number(attempt.candidateInstallationId), input),
    );
  } catch (error) {
    if (!(error instanceof GitHubError)) throw error;
    log.warn({ err: error, requestId: origin.requestId }, 'a connect attempt failed at GitHub');
    return error.kind === 'unauthorized' ? 'authorization_failed' : 'github_unavailable';
  }
}

/** The installation that the Setup URL named, if GitHub knows it and the user proves to own it. */
async function bindCandidate(user: GitHubUser, candidate: number, input: Attempt): Promise<ConnectOutcome> {
  const bind = { workspaceId: input.attempt.workspaceId, actor: input.actor, origin: input.origin };
  const refuse = async (reason: ConnectOutcome) => {
    await recordAuditEventNow(
      refusal(bind, reason, { installation_id: candidate, github_login: user.login }),
    );
    return reason;
  };
  const installation = await getInstallation(candidate).catch((error: unknown) => {
    if (error instanceof GitHubError && error.kind === 'not_found') return null;
    throw error;
  });
  if (installation === null) return refuse('installation_not_found');
  const proof = await proveOwnership(user, installation, bind);
  if (proof === null) return refuse('not_your_installation');
  return syncAfterBind(installation, await bindInstallation({ ...bind, installation, proof }));
}

/** "Link it": whatever the user proves to own and nobody has bound. One is bound, of several the user picks. */
async function bindOneOfTheirs(user: GitHubUser, input: Attempt): Promise<ConnectOutcome> {
  const bind = { workspaceId: input.attempt.workspaceId, actor: input.actor, origin: input.origin };
  const listed = await listUserInstallations(user.token);
  const taken = await getDb().installation.findMany({
    where: {
      id: { in: listed.map(({ id }) => BigInt(id)) },
      OR: [{ workspaceId: { not: null } }, { status: 'deleted' }],
    },
    select: { id: true, workspaceId: true, status: true },
  });
  const takenIds = new Set(taken.map(({ id }) => Number(id)));

  const proven = [];
  for (const { id } of listed.filter((item) => !takenIds.has(item.id))) {
    const installation = await getInstallation(id);
    const proof = await proveOwnership(user, installation, bind);
    if (proof !== null) proven.push({ installation, proof });
  }
  const [only, ...others] = proven;
  if (only === undefined) {
    const here = taken.some((row) => row.workspaceId === bind.workspaceId && row.status !== 'deleted');
    return here ? 'already_connected_here' : 'nothing_to_link';
  }
  if (others.length === 0)
    return syncAfterBind(only.installation, await bindInstallation({ ...bind, ...only }));
  await offerChoice(
    input.attempt.id,
    proven.map(({ installation }) => installation.id),
  );
  return 'choose_installation';
}
