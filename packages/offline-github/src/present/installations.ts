import type { components } from '@octokit/openapi-types';
import { isoSeconds } from '../clock';
import type { AppSettings, Urls } from '../settings';
import type { State } from '../state/store';
import type { Installation, InstallationRequest } from '../state/types';
import { simpleUser } from './accounts';

export type ApiInstallation = components['schemas']['installation'];
export type ApiInstallationRequest = components['schemas']['integration-installation-request'];

export function installationPath(state: State, installation: Installation): string {
  const account = state.account(installation.accountId);
  const scope = account.type === 'Organization' ? `/organizations/${account.login}` : '';
  return `${scope}/settings/installations/${installation.id}`;
}

export function apiInstallation(
  urls: Urls,
  state: State,
  settings: AppSettings,
  installation: Installation,
): ApiInstallation {
  const account = state.account(installation.accountId);
  const suspendedBy = installation.suspendedById === null ? null : state.account(installation.suspendedById);
  return {
    id: installation.id,
    client_id: settings.clientId,
    account: simpleUser(urls, account),
    repository_selection: installation.selection,
    access_tokens_url: `${urls.api}/app/installations/${installation.id}/access_tokens`,
    repositories_url: `${urls.api}/installation/repositories`,
    html_url: `${urls.web}${installationPath(state, installation)}`,
    app_id: settings.id,
    app_slug: settings.slug,
    target_id: account.id,
    target_type: account.type,
    permissions: installation.permissions,
    events: installation.events,
    created_at: isoSeconds(installation.createdAt),
    updated_at: isoSeconds(installation.updatedAt),
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    suspended_by: suspendedBy && simpleUser(urls, suspendedBy),
    suspended_at: installation.suspendedAt === null ? null : isoSeconds(installation.suspendedAt),
  };
}

export function apiInstallationRequest(
  urls: Urls,
  state: State,
  request: InstallationRequest,
): ApiInstallationRequest {
  return {
    id: request.id,
    node_id: request.nodeId,
    account: simpleUser(urls, state.account(request.accountId)),
    requester: simpleUser(urls, state.account(request.requesterId)),
    created_at: isoSeconds(request.createdAt),
  };
}
