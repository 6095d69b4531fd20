'use server';

import { headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { hrefWith } from '@/app/search-params';
import type { UserActor } from '@/lib/auth/actor';
import { type Membership, requireRole } from '@/lib/auth/membership';
import { disconnectInstallation } from '@/lib/connection/disconnect';
import { type InstallationView, listInstallations } from '@/lib/connection/list';
import { type SyncOutcome, syncInstallation } from '@/lib/connection/sync';
import { requestContext } from '@/lib/http/request-context';
import { Problem } from '@/lib/problem';
import { memberOf } from '../../member-of';
import type { Notice } from './notices';

/*
 * Next compares `Origin` with the host before it calls an action. Everything else is checked here: an action is an
 * endpoint that anybody may call with anything.
 */

/** What to tell after a sync. `null`: it goes on, and the card says so. */
const SYNC_NOTICES: Record<SyncOutcome, Notice | null> = {
  synced: 'synced',
  gone: 'gone',
  busy: null,
  superseded: null,
  failed: 'sync_failed',
};

/** Asks GitHub now what is shared. */
export async function syncNow(slug: string, form: FormData): Promise<void> {
  const { workspace, installation } = await administered(slug, form);
  const notice = installation === null ? 'gone' : SYNC_NOTICES[await syncInstallation(installation.id)];
  redirect(hrefWith(settingsPath(workspace), { notice }));
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
  const id = Number(form.get('installation_id'));
  const installation = installations.find(
    (candidate) => candidate.id === id && candidate.status !== 'deleted',
  );
  return { user, workspace, installation: installation ?? null };
}

function settingsPath({ slug }: Pick<Membership, 'slug'>): string {
  return `/w/${slug}/settings/github`;
}
