'use server';

import { redirect } from 'next/navigation';
import { formText } from '@/app/form-text';
import { hrefWith } from '@/app/search-params';
import { dismissApproval } from '@/lib/connection/approvals';
import { bindChosenInstallation } from '@/lib/connection/choose';
import { disconnectInstallation } from '@/lib/connection/disconnect';
import { type InstallationView, listInstallations } from '@/lib/connection/list';
import { syncOnDemand } from '@/lib/connection/sync-on-demand';
import { GitHubIdParam } from '@/lib/contract/pagination';
import { limitWork, RateLimited } from '@/lib/http/rate-limit';
import { Problem } from '@/lib/problem';
import { actingAdmin } from '../../acting-admin';
import type { Notice } from './notices';

const PAGE = '/settings/github';

/*
 * Next compares `Origin` with the host before it calls an action. Everything else is checked here: an action is an
 * endpoint that anybody may call with anything.
 */

/** Asks GitHub now what is shared. */
export async function syncNow(slug: string, form: FormData): Promise<void> {
  const { workspaceId, actor } = await actingAdmin(slug, PAGE);
  const installation = await namedInstallation(workspaceId, form);
  try {
    await limitWork('sync', workspaceId);
  } catch (error) {
    if (error instanceof RateLimited) back(slug, { notice: 'sync_limited' });
    throw error;
  }
  // That it failed is stored, with the reason, and told below.
  if (installation !== null)
    await syncOnDemand(workspaceId, installation.id, actor).catch((error: unknown) => {
      if (!(error instanceof Problem)) throw error;
    });
  const notice = syncNotice(await namedInstallation(workspaceId, form));
  back(slug, { notice, of: notice === null ? null : String(installationId(form)) });
}

/** What to tell after a sync; nothing while it goes on, as the card says so. */
function syncNotice(after: InstallationView | null): Notice | null {
  if (after === null) return 'gone';
  if (after.sync_error !== null) return 'sync_failed';
  return after.sync_pending ? null : 'synced';
}

/** Connects one of the installations that the same person has just proven to own. */
export async function connectChosen(slug: string, attemptId: string, form: FormData): Promise<void> {
  const by = await actingAdmin(slug, PAGE);
  const outcome = await bindChosenInstallation({ ...by, attemptId, installationId: installationId(form) });
  back(slug, { outcome });
}

/** Waits no longer for an owner of an organization. */
export async function dismissRequest(slug: string, form: FormData): Promise<void> {
  const by = await actingAdmin(slug, PAGE);
  const isDismissed = await dismissApproval({ ...by, attemptId: formText(form, 'attempt_id') });
  back(slug, { outcome: isDismissed ? 'approval_dismissed' : null });
}

/** Uninstalls at GitHub, once the account's name was typed. */
export async function disconnect(slug: string, form: FormData): Promise<void> {
  const by = await actingAdmin(slug, PAGE);
  const installation = await namedInstallation(by.workspaceId, form);
  back(slug, { notice: await tryDisconnect(by, installation, formText(form, 'confirmation')) });
}

async function tryDisconnect(
  by: Awaited<ReturnType<typeof actingAdmin>>,
  installation: InstallationView | null,
  confirmation: string,
): Promise<Notice> {
  if (installation === null) return 'gone';
  if (confirmation !== installation.account.login) return 'confirmation';
  try {
    await disconnectInstallation({ ...by, installationId: installation.id });
    return 'disconnected';
  } catch (error) {
    if (error instanceof Problem && error.code === 'not_found') return 'gone';
    throw error;
  }
}

/** The installation that the form names: of this workspace and in use, or none. */
async function namedInstallation(workspaceId: string, form: FormData): Promise<InstallationView | null> {
  const id = installationId(form);
  const installations = await listInstallations(workspaceId);
  return installations.find((candidate) => candidate.id === id && candidate.status !== 'deleted') ?? null;
}

/** What is no id is the id of nothing. */
function installationId(form: FormData): number {
  return GitHubIdParam.safeParse(form.get('installation_id')).data ?? 0;
}

function back(slug: string, query: Parameters<typeof hrefWith>[1]): never {
  redirect(hrefWith(`/w/${slug}${PAGE}`, query));
}
