import type { ConnectOutcome } from './outcomes';

/** Returns the settings page with the outcome. Without a workspace, returns a page that any signed-in user may see. */
export function settingsPage(
  slug: string | undefined,
  outcome: ConnectOutcome,
  attemptId?: string,
  ssoPath?: string,
): string {
  if (slug === undefined) return connectPage({ outcome });
  const query = new URLSearchParams({
    notice: outcome,
    ...(attemptId === undefined ? {} : { attempt: attemptId }),
    ...(ssoPath === undefined ? {} : { sso: ssoPath }),
  });
  return `/w/${slug}/settings/github?${query}`;
}

/** Returns the page where the user chooses the workspace of an installation. */
export function connectPage(query: {
  installationId?: number | undefined;
  outcome?: ConnectOutcome;
}): string {
  const parameters = new URLSearchParams();
  if (query.installationId !== undefined) parameters.set('installation_id', String(query.installationId));
  if (query.outcome !== undefined) parameters.set('notice', query.outcome);
  return `/connect/github?${parameters}`;
}
