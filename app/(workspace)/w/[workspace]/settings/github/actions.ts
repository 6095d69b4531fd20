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
import { hideFirstSteps } from '@/lib/workspace/first-steps';
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
    // If GitHub refused the sync, the database holds the reason and the notice states it. Any other failure leaves no
    // trace in the database. Throw it, or the sync would look successful.
    if (problem !== null && notice === 'synced') throw problem;
    return { notice, of: notice === null ? null : String(installation_id) };
  },
);

/**
 * Returns the notice to show after a sync. `null` while the sync is still running, because the installation's card
 * already says so.
 */
function syncNotice(after: InstallationView | null) {
  if (after === null) return 'gone';
  if (after.sync_error !== null) return 'sync_failed';
  return after.sync_pending ? null : 'synced';
}

/** Connects an installation that this same user has just proven to own. If that fails, the user can choose again. */
export const connectChosen = action(
  { ...SPEC, input: InstallationForm.extend({ attempt: z.string().catch('') }), keep: ['attempt'] },
  async ({ by, input: { attempt, installation_id } }) => ({
    notice: await bindChosenInstallation({ ...by, attemptId: attempt, installationId: installation_id }),
  }),
);

/** Withdraws a pending approval, so the page stops waiting for an organization owner. */
export const dismissRequest = action(
  { ...SPEC, input: z.object({ attempt_id: z.string().catch('') }) },
  async ({ by, input }) => ({
    notice: (await dismissApproval({ ...by, attemptId: input.attempt_id })) ? 'approval_dismissed' : null,
  }),
);

/** Hides the first steps from this user, or shows them again. */
export const hideSteps = action(
  { ...SPEC, input: z.object({ hidden: z.enum(['yes', 'no']) }) },
  async ({ by, input: { hidden } }) => {
    await hideFirstSteps(by.workspaceId, by.actor.id, hidden === 'yes');
    return { notice: null };
  },
);

/** Uninstalls the App on GitHub, provided that the user typed the account's name correctly. */
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
 * Awaits `work` and returns the expected failure it ended with, or `null` if it succeeded.
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

/** Returns one of this workspace's installations, or `null` if none with this id is in use. */
async function findInUse(workspaceId: string, id: number): Promise<InstallationView | null> {
  const installations = await listInstallations(workspaceId);
  return installations.find((candidate) => candidate.id === id && candidate.status !== 'deleted') ?? null;
}
