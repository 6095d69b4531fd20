'use server';

import { z } from 'zod';
import { dismissApproval } from '@/lib/connect/approvals';
import { bindChosenInstallation } from '@/lib/connect/link';
import { GitHubIdParam } from '@/lib/contract/pagination';
import { action } from '@/lib/http/action';
import { toProblem } from '@/lib/http/failure';
import { disconnectInstallation } from '@/lib/installation/disconnect';
import { type InstallationView, listInstallations } from '@/lib/installation/list';
import type { Problem } from '@/lib/problem';
import { syncOnDemand } from '@/lib/sync/on-demand';
import { GITHUB_PAGE } from './notices';

const SPEC = { access: 'admin', page: GITHUB_PAGE } as const;

/** An invalid id becomes 0, which matches no installation. */
const InstallationForm = z.object({ installation_id: GitHubIdParam.catch(0) });

/** Asks GitHub now which repositories are shared. */
export const syncNow = action(
  { ...SPEC, limits: { workspace: 'sync' }, input: InstallationForm },
  async ({ by: { workspaceId, actor }, input: { installation_id } }) => {
    const installation = await findInUse(workspaceId, installation_id);
    if (installation === null) return { notice: 'gone' };
    const problem = await problemOf(syncOnDemand(workspaceId, installation.id, actor));
    const notice = syncNotice(await findInUse(workspaceId, installation_id));
    // The database holds a refusal of GitHub's with its reason. It holds no other failure, which must not look like a
    // success.
    if (problem !== null && notice === 'synced') throw problem;
    return { notice, of: notice === null ? null : String(installation_id) };
  },
);

/** Returns the notice after a sync. While the sync runs, the card tells of it instead. */
function syncNotice(after: InstallationView | null) {
  if (after === null) return 'gone';
  if (after.sync_error !== null) return 'sync_failed';
  return after.sync_pending ? null : 'synced';
}

/** Connects an installation that the same person has just proven to own. After a failure the choice stays open. */
export const connectChosen = action(
  { ...SPEC, input: InstallationForm.extend({ attempt: z.string().catch('') }), keep: ['attempt'] },
  async ({ by, input: { attempt, installation_id } }) => ({
    notice: await bindChosenInstallation({ ...by, attemptId: attempt, installationId: installation_id }),
  }),
);

/** Stops waiting for an owner of an organization. */
export const dismissRequest = action(
  { ...SPEC, input: z.object({ attempt_id: z.string().catch('') }) },
  async ({ by, input }) => ({
    notice: (await dismissApproval({ ...by, attemptId: input.attempt_id })) ? 'approval_dismissed' : null,
  }),
);

/** Uninstalls the App at GitHub, after the account's name was typed. */
export const disconnect = action(
  { ...SPEC, input: InstallationForm.extend({ confirmation: z.string().catch('') }) },
  async ({ by, input: { installation_id, confirmation } }) => {
    const installation = await findInUse(by.workspaceId, installation_id);
    if (installation === null) return { notice: 'gone' };
    if (confirmation !== installation.account.login) return { notice: 'confirmation' };
    await disconnectInstallation({ ...by, installationId: installation.id });
    return { notice: 'disconnected' };
  },
);

/** Returns the failure of some work, or `null` if it succeeded. @throws an unexpected error */
async function problemOf(work: Promise<unknown>): Promise<Problem | null> {
  try {
    await work;
    return null;
  } catch (error) {
    const problem = toProblem(error);
    if (problem.code === 'internal') throw error;
    return problem;
  }
}

/** Returns an installation of this workspace that is in use. */
async function findInUse(workspaceId: string, id: number): Promise<InstallationView | null> {
  const installations = await listInstallations(workspaceId);
  return installations.find((candidate) => candidate.id === id && candidate.status !== 'deleted') ?? null;
}
