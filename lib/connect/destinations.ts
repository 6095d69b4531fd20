import type { ConnectOutcome } from './outcomes';

/** The settings page that tells how it went; without a workspace the page that can be shown to anybody signed in. */
export function settingsPage(
  slug: string | undefined,
  outcome: ConnectOutcome,
  attemptId?: string,
  ssoPath?: string,
): string {
  if (slug === undefined) return connectPage({ outcome });
  const query = new URLSearchParams({
    outcome,
    ...(attemptId === undefined ? {} : { attempt: attemptId }),
    ...(ssoPath === undefined ? {} : { sso: ssoPath }),
  });
  return `/w/${slug}/settings/github?${query}`;
}

/** Asks for the workspace that an installation is meant for. */
export function connectPage(query: {
  installationId?: number | undefined;
  outcome?: ConnectOutcome;
}): string {
  const parameters = new URLSearchParams();
  if (query.installationId !== undefined) parameters.set('installation_id', String(query.installationId));
  if (query.outcome !== undefined) parameters.set('outcome', query.outcome);
  return `/connect/github?${parameters}`;
}
