'use server';

import { headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { hrefWith } from '@/app/search-params';
import type { UserActor } from '@/lib/auth/actor';
import { type Membership, requireRole } from '@/lib/auth/membership';
import { dismissApproval } from '@/lib/connection/approvals';
import { bindChosenInstallation } from '@/lib/connection/choose';
import { disconnectInstallation } from '@/lib/connection/disconnect';
import { type InstallationView, listInstallations } from '@/lib/connection/list';
import { syncOnDemand } from '@/lib/connection/sync-on-demand';
import { GitHubIdParam } from '@/lib/contract/pagination';
import { requestContext } from '@/lib/http/request-context';
import { Problem } from '@/lib/problem';
import { memberOf } from '../../member-of';
import type { Notice } from './notices';

/*
 * Next compares `Origin` with the host before it calls an action. Everything else is checked here: an action is an
 * endpoint that anybody may call with anything.
 */

/** Asks GitHub now what is shared. */
export async function syncNow(slug: string, form: FormData): Promise<void> {
  const { workspace, installation } = await administered(slug, form);
  // That it failed is stored, with the reason, and told below.
  if (installation !== null)
    await syncOnDemand(workspace.id, installation.id).catch((error: unknown) => {
      if (!(error instanceof Problem)) throw error;
    });
  const after = (await administered(slug, form)).installation;
  redirect(hrefWith(settingsPath(workspace), { notice: syncNotice(after) }));
}

/** What to tell after a sync; nothing while it goes on, as the card says so. */
function syncNotice(after: InstallationView | null): Notice | null {
  if (after === null) return 'gone';
  if (after.sync_error !== null) return 'sync_failed';
  return after.sync_pending ? null : 'synced';
}

/** Connects one of the installations that the same person has just proven to own. */
export async function connectChosen(slug: string, attemptId: string, form: FormData): Promise<void> {
  const { user: actor, workspace } = await memberOf(slug, '/settings/github');
  requireRole(workspace, 'admin');
  const outcome = await bindChosenInstallation({
    attemptId,
    installationId: installationId(form),
    workspaceId: workspace.id,
    actor,
    origin: requestContext({ headers: await headers() }),
  });
  redirect(hrefWith(settingsPath(workspace), { outcome }));
}

/** Waits no longer for an owner of an organization. */
export async function dismissRequest(slug: string, form: FormData): Promise<void> {
  const { user: actor, workspace } = await memberOf(slug, '/settings/github');
  requireRole(workspace, 'admin');
  const attemptId = String(form.get('attempt_id'));
  const origin = requestContext({ headers: await headers() });
  const isDismissed = await dismissApproval({ workspaceId: workspace.id, attemptId, actor, origin });
  redirect(hrefWith(settingsPath(workspace), { outcome: isDismissed ? 'approval_dismissed' : null }));
}

/** Uninstalls at GitHub, once the account's name was typed. */
export async function disconnect(slug: string, form: FormData): Promise<void> {
  const { user, workspace, installation } = await administered(slug, form);
  redirect(
    hrefWith(settingsPath(workspace), { notice: await tryDisconnect(user, workspace, installation, form) }),
  );
}

async function tryDisconnect(
  actor: UserActor,
  workspace: Membership,
  installation: InstallationView | null,
  form: FormData,
): Promise<Notice> {
  if (installation === null) return 'gone';
  if (form.get('confirmation') !== installation.account.login) return 'confirmation';
  const origin = requestContext({ headers: await headers() });
  try {
    await disconnectInstallation({
      workspaceId: workspace.id,
      installationId: installation.id,
      actor,
      origin,
    });
    return 'disconnected';
  } catch (error) {
    if (error instanceof Problem && error.code === 'not_found') return 'gone';
    throw error;
  }
}

/** The caller as an admin, and the installation that the form names: of this workspace, or none. */
async function administered(
  slug: string,
  form: FormData,
): Promise<{ user: UserActor; workspace: Membership; installation: InstallationView | null }> {
  const { user, workspace } = await memberOf(slug, '/settings/github');
  requireRole(workspace, 'admin');
  const installations = await listInstallations(workspace.id);
  const id = installationId(form);
  const installation = installations.find(
    (candidate) => candidate.id === id && candidate.status !== 'deleted',
  );
  return { user, workspace, installation: installation ?? null };
}

/** What is no id is the id of nothing. */
function installationId(form: FormData): number {
  return GitHubIdParam.safeParse(form.get('installation_id')).data ?? 0;
}

function settingsPath({ slug }: Pick<Membership, 'slug'>): string {
  return `/w/${slug}/settings/github`;
}
