import { isoSeconds } from '../clock';
import { organizationSimple, simpleUser } from '../present/accounts';
import { apiInstallation } from '../present/installations';
import { apiRepository, hookRepository } from '../present/repositories';
import type { AppSettings, Urls } from '../settings';
import type { State } from '../state/store';
import type { Account, Installation, Repository } from '../state/types';

export type JsonObject = { [key: string]: unknown };
export type InstallationAction = 'created' | 'deleted' | 'suspend' | 'unsuspend' | 'new_permissions_accepted';
export type RepositoryAction =
  | 'created'
  | 'deleted'
  | 'renamed'
  | 'edited'
  | 'transferred'
  | 'archived'
  | 'unarchived'
  | 'privatized'
  | 'publicized';

/** Builds payloads as described in https://docs.github.com/en/webhooks/webhook-events-and-payloads */
export class Payloads {
  constructor(
    private readonly urls: Urls,
    private readonly state: State,
    private readonly settings: AppSettings,
  ) {}

  /**
   * Builds an `installation` payload. Omits repositories for `suspend` and `unsuspend`. Sets `requester` if a member
   * requested the new installation.
   */
  installation(action: InstallationAction, installation: Installation, sender: Account): JsonObject {
    const withRepositories = action !== 'suspend' && action !== 'unsuspend';
    const requesterId = action === 'created' ? installation.requesterId : null;
    const requester = requesterId === null ? null : this.state.account(requesterId);
    return {
      action,
      installation: apiInstallation(this.urls, this.state, this.settings, installation),
      ...(withRepositories && {
        repositories: this.#short(this.state.installationRepositories(installation)),
        requester: requester && simpleUser(this.urls, requester),
      }),
      sender: simpleUser(this.urls, sender),
    };
  }

  installationRepositories(
    action: 'added' | 'removed',
    installation: Installation,
    repositories: readonly Repository[],
    sender: Account,
  ): JsonObject {
    const short = this.#short(repositories);
    return {
      action,
      installation: apiInstallation(this.urls, this.state, this.settings, installation),
      repository_selection: installation.selection,
      repositories_added: action === 'added' ? short : [],
      repositories_removed: action === 'removed' ? short : [],
      requester: null,
      sender: simpleUser(this.urls, sender),
    };
  }

  repository(
    action: RepositoryAction,
    repository: Repository,
    installation: Installation,
    sender: Account,
    changes?: JsonObject,
  ): JsonObject {
    const owner = this.state.ownerOf(repository);
    return {
      action,
      ...(changes && { changes }),
      repository: { ...apiRepository(this.urls, this.state, repository), custom_properties: {} },
      ...(owner.type === 'Organization' && { organization: organizationSimple(this.urls, owner) }),
      sender: simpleUser(this.urls, sender),
      installation: { id: installation.id, node_id: installation.nodeId },
    };
  }

  installationTargetRenamed(
    account: Account,
    from: string,
    installation: Installation,
    sender: Account,
  ): JsonObject {
    return {
      action: 'renamed',
      account: { ...simpleUser(this.urls, account), archived_at: null },
      changes: { login: { from } },
      ...(account.type === 'Organization' && { organization: organizationSimple(this.urls, account) }),
      target_type: account.type,
      installation: { id: installation.id, node_id: installation.nodeId },
      sender: simpleUser(this.urls, sender),
    };
  }

  authorizationRevoked(user: Account): JsonObject {
    return { action: 'revoked', sender: simpleUser(this.urls, user) };
  }

  ping(hookId: number, at: number): JsonObject {
    return {
      zen: 'Anything added dilutes everything else.',
      hook_id: hookId,
      hook: {
        type: 'App',
        id: hookId,
        name: 'web',
        active: true,
        events: this.settings.events,
        config: {
          content_type: 'json',
          insecure_ssl: '0',
          secret: '********',
          ...(this.settings.webhookUrl !== null && { url: this.settings.webhookUrl }),
        },
        created_at: isoSeconds(at),
        updated_at: isoSeconds(at),
        app_id: this.settings.id,
        deliveries_url: `${this.urls.api}/app/hook/deliveries`,
      },
    };
  }

  /** Formats the former owner for the `repository.transferred` payload. */
  transferredFrom(owner: Account): JsonObject {
    const from =
      owner.type === 'Organization'
        ? { organization: organizationSimple(this.urls, owner) }
        : { user: simpleUser(this.urls, owner) };
    return { owner: { from } };
  }

  #short(repositories: readonly Repository[]) {
    return repositories.map((repository) => hookRepository(this.state, repository));
  }
}
