import type { RequestOrigin, UserActor } from '../actor';
import { causeRow } from '../contract/github-causes';
import { getDb } from '../db/client';
import { isUuid } from '../db/uuid';
import { GitHubError } from '../github/errors';
import { type GitHubInstallation, getInstallation } from '../github/installations';
import { type GitHubUser, listUserInstallations } from '../github/user-oauth';
import { awaitConfirmation, findChoice, finishAttempt, offerChoice } from './attempts';
import {
  type Binder,
  bindInstallation,
  findInstallation,
  type OwnershipProof,
  proveOwnership,
  refuse,
  syncAfterBind,
} from './bind';
import type { ConnectOutcome } from './outcomes';

type Proven = { installation: GitHubInstallation; proof: OwnershipProof };

/**
 * Implements "Link it": binds the only unconnected installation that is proven to be the user's. If there are several,
 * the user must choose.
 */
export async function bindOneOfTheirs(user: GitHubUser, binder: Binder): Promise<ConnectOutcome> {
  const { installations, isPartial } = await listUserInstallations(user.token);
  const listed = installations.map(({ id }) => id);
  const known = await getDb().installation.findMany({
    where: { id: { in: listed.map(BigInt) }, OR: [{ workspaceId: { not: null } }, { status: 'deleted' }] },
    select: { id: true, workspaceId: true, status: true },
  });
  const taken = new Set(known.map(({ id }) => Number(id)));
  const proven = await proveEach(
    user,
    listed.filter((id) => !taken.has(id)),
    binder,
    { mayMint: true },
  );
  const [only, ...others] = proven;
  if (only === undefined) {
    const inUse = known.filter(({ status }) => status !== 'deleted');
    if (inUse.some(({ workspaceId }) => workspaceId === binder.workspaceId)) return 'already_connected_here';
    const outcome = await explainNothing(
      user,
      inUse.map(({ id }) => Number(id)),
      binder,
    );
    if (outcome !== 'nothing_to_link') return outcome;
    const ended = new Set(known.filter(({ status }) => status === 'deleted').map(({ id }) => Number(id)));
    await offerConfirmation(
      user,
      listed.filter((id) => !ended.has(id)),
      binder,
    );
    return isPartial ? 'saml_required' : outcome;
  }
  const { attemptId, asksFirst } = binder;
  if (others.length === 0 && asksFirst)
    return offerChoice(attemptId, user, [only.installation.id], 'confirm_installation');
  if (others.length === 0)
    return syncAfterBind(only.installation, await bindInstallation({ ...binder, ...only, provenBy: user }));
  return offerChoice(
    attemptId,
    user,
    proven.map(({ installation }) => installation.id),
  );
}

/**
 * How many installations to check in parallel. A user may belong to many organizations, and each check makes several
 * calls to GitHub.
 */
const PARALLEL_PROOFS = 4;
/**
 * Checks wait briefly for a late webhook only if there are at most this many installations. In a longer list, most
 * installations are old, so waiting would be useless.
 */
const MOST_PATIENT_PROOFS = 3;

/**
 * Checks ownership of each installation. Returns the installations that the user owns, in the given order, without
 * those that were uninstalled in the meantime.
 */
async function proveEach(
  user: GitHubUser,
  ids: number[],
  binder: Binder,
  { mayMint }: { mayMint: boolean },
): Promise<Proven[]> {
  const proven = new Map<number, Proven>();
  const queue = [...ids];
  const worker = async () => {
    for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
      const installation = await findInstallation(id);
      if (installation === null) continue;
      const isPatient = ids.length <= MOST_PATIENT_PROOFS;
      const { proof } = await proveOwnership(user, { id, installation }, binder, { isPatient, mayMint });
      if (proof !== null) proven.set(id, { installation, proof });
    }
  };
  await Promise.all(Array.from({ length: PARALLEL_PROOFS }, worker));
  return ids.flatMap((id) => proven.get(id) ?? []);
}

/**
 * Explains why nothing was bound. A user learns that an installation is connected to another workspace only if it's
 * proven to be theirs, and never learns which workspace. The check mints no token, because the other workspace's audit
 * log would not show the mint.
 */
async function explainNothing(user: GitHubUser, inUse: number[], binder: Binder): Promise<ConnectOutcome> {
  const [own] = await proveEach(user, inUse, binder, { mayMint: false });
  if (own === undefined) return 'nothing_to_link';
  return refuse(user, own.installation.id, binder, 'already_connected_elsewhere');
}

/**
 * Offers a link for an owner's confirmation if GitHub shows the user exactly one installation. If GitHub shows several,
 * no link is offered. Another workspace's installation gets a link too, because a missing link would reveal that
 * connection.
 */
async function offerConfirmation(user: GitHubUser, ids: number[], { attemptId }: Binder): Promise<void> {
  const [only, ...others] = ids;
  if (only === undefined || others.length > 0) return;
  const installation = await findInstallation(only);
  if (installation !== null) await awaitConfirmation(attemptId, user, installation);
}

type Choice = {
  attemptId: string;
  installationId: number;
  workspaceId: string;
  actor: UserActor;
  origin: RequestOrigin;
};

/**
 * Binds the installation that the user chose. The same user must have proven ownership in this attempt a few minutes
 * earlier.
 */
export async function bindChosenInstallation(choice: Choice): Promise<ConnectOutcome> {
  const { attemptId, installationId, workspaceId, actor, origin } = choice;
  const attempt = isUuid(attemptId) ? await findChoice(attemptId, workspaceId, actor.id) : null;
  if (attempt === null) return 'expired';
  const { provenByGithubId, provenByGithubLogin } = attempt;
  if (provenByGithubId === null || provenByGithubLogin === null) return 'expired';
  if (!attempt.provenInstallationIds.includes(BigInt(installationId))) return 'not_your_installation';
  try {
    const installation = await getInstallation(installationId);
    const bound = await bindInstallation({
      workspaceId,
      actor,
      origin,
      installation,
      proof: 'chosen_from_proven',
      provenBy: { id: Number(provenByGithubId), login: provenByGithubLogin },
    });
    const outcome = await syncAfterBind(installation, bound);
    await finishAttempt(attempt.id, outcome);
    return outcome;
  } catch (error) {
    if (!(error instanceof GitHubError)) throw error;
    return causeRow(error.reason).outcome;
  }
}
