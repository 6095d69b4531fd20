'use server';

import { redirect } from 'next/navigation';
import { type Failure, failureOf } from '@/app/failures';
import { formText } from '@/app/form-text';
import { hrefWith } from '@/app/search-params';
import { dismissApproval } from '@/lib/connect/approvals';
import { bindChosenInstallation } from '@/lib/connect/bind-chosen';
import { GitHubIdParam } from '@/lib/contract/pagination';
import { disconnectInstallation } from '@/lib/installation/disconnect';
import { type InstallationView, listInstallations } from '@/lib/installation/list';
import { limitWork } from '@/lib/rate-limit/limiter';
import { syncOnDemand } from '@/lib/sync/on-demand';
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
    const { code, query } = failureOf(error);
    back(slug, { ...query, notice: code === 'limited' ? 'sync_limited' : code });
  }
  const failed =
    installation === null ? null : await failureIn(syncOnDemand(workspaceId, installation.id, actor));
  // What GitHub refused is stored, with the reason. Anything else is stored nowhere, and must not be told as a success.
  const stored = syncNotice(await namedInstallation(workspaceId, form));
  if (failed !== null && stored === 'synced') back(slug, failed);
  back(slug, { notice: stored, of: stored === null ? null : String(installationId(form)) });
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
  const bound = bindChosenInstallation({ ...by, attemptId, installationId: installationId(form) });
  // The choice stays open.
  const outcome = await bound.catch((error: unknown) =>
    back(slug, { ...failureOf(error).query, attempt: attemptId }),
  );
  back(slug, { outcome });
}

/** Waits no longer for an owner of an organization. */
export async function dismissRequest(slug: string, form: FormData): Promise<void> {
  const by = await actingAdmin(slug, PAGE);
  const dismissal = dismissApproval({ ...by, attemptId: formText(form, 'attempt_id') });
  const isDismissed = await dismissal.catch((error: unknown) => back(slug, failureOf(error).query));
  back(slug, { outcome: isDismissed ? 'approval_dismissed' : null });
}

/** Uninstalls at GitHub, once the account's name was typed. */
export async function disconnect(slug: string, form: FormData): Promise<void> {
  const by = await actingAdmin(slug, PAGE);
  const installation = await namedInstallation(by.workspaceId, form);
  const told = (notice: Notice) => back(slug, { notice });
  if (installation === null) return told('gone');
  if (formText(form, 'confirmation') !== installation.account.login) return told('confirmation');
  const failed = await failureIn(disconnectInstallation({ ...by, installationId: installation.id }));
  back(slug, failed ?? { notice: 'disconnected' satisfies Notice });
}

/** How some work failed, as parameters of the page, or `null` when it did not. */
function failureIn(work: Promise<unknown>): Promise<Failure['query'] | null> {
  return work.then(
    () => null,
    (error: unknown) => failureOf(error).query,
  );
}

/** The installation that the form names: of this workspace and in use, or none. */
async function namedInstallation(workspaceId: string, form: FormData): Promise<InstallationView | null> {
  const id = installationId(form);
  const installations = await listInstallations(workspaceId);
  return installations.find((candidate) => candidate.id === id && candidate.status !== 'deleted') ?? null;
}

/** What is no id is the id of nothing. */
function installationId(form: FormData): number {
  return GitHubIdParam.safeParse(formText(form, 'installation_id')).data ?? 0;
}

function back(slug: string, query: Parameters<typeof hrefWith>[1]): never {
  redirect(hrefWith(`/w/${slug}${PAGE}`, query));
}
