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

/** Syncs an installation with GitHub immediately. */
export const syncNow = action(
  { ...SPEC, limits: { workspace: 'sync' }, input: InstallationForm },
  async ({ by: { workspaceId, actor }, input: { installation_id } }) => {
    const installation = await findInUse(workspaceId, installation_id);
    if (installation === null) return { notice: 'gone' };
    const problem = await problemOf(syncOnDemand(workspaceId, installation.id, actor));
    const notice = syncNotice(await findInUse(workspaceId, installation_id));
    // If GitHub refused the sync, the reason is in the database and the notice states it. Any other failure leaves no
    // trace in the database and would look like a success, so throw it.
    if (problem !== null && notice === 'synced') throw problem;
    return { notice, of: notice === null ? null : String(installation_id) };
  },
);

/** Returns the notice to show after a sync, or `null` while the sync is still running, because the card says so. */
function syncNotice(after: InstallationView | null) {
  if (after === null) return 'gone';
  if (after.sync_error !== null) return 'sync_failed';
  return after.sync_pending ? null : 'synced';
}

/** Connects an installation that the same user has just proven to own. If that fails, the user can choose again. */
export const connectChosen = action(
  { ...SPEC, input: InstallationForm.extend({ attempt: z.string().catch('') }), keep: ['attempt'] },
  async ({ by, input: { attempt, installation_id } }) => ({
    notice: await bindChosenInstallation({ ...by, attemptId: attempt, installationId: installation_id }),
  }),
);

/** Withdraws a pending approval, so the page no longer waits for an organization owner to approve the installation. */
export const dismissRequest = action(
  { ...SPEC, input: z.object({ attempt_id: z.string().catch('') }) },
  async ({ by, input }) => ({
    notice: (await dismissApproval({ ...by, attemptId: input.attempt_id })) ? 'approval_dismissed' : null,
  }),
);

/** Uninstalls the App on GitHub, if the reader typed the account's name correctly. */
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

/**
 * Awaits `work` and returns its failure, or `null` if it succeeded.
 *
 * @throws any unexpected error
 */
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

/** Returns an installation of this workspace, or `null` if the workspace has none with this id in use. */
async function findInUse(workspaceId: string, id: number): Promise<InstallationView | null> {
  const installations = await listInstallations(workspaceId);
  return installations.find((candidate) => candidate.id === id && candidate.status !== 'deleted') ?? null;
}
