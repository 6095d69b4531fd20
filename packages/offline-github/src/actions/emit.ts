import type { AppSettings } from '../settings';
import type { State } from '../state/store';
import type { Account, Installation, Repository } from '../state/types';
import type { Dispatcher } from '../webhooks/dispatcher';
import type { JsonObject, Payloads, RepositoryAction } from '../webhooks/payloads';

/** Sends the webhooks caused by a state transition. */
export class Emitter {
  constructor(
    private readonly state: State,
    private readonly settings: AppSettings,
    private readonly payloads: Payloads,
    private readonly hooks: Dispatcher,
  ) {}

  installation(
    action: Parameters<Payloads['installation']>[0],
    installation: Installation,
    by: Account,
  ): void {
    const payload = this.payloads.installation(action, installation, by);
    this.hooks.emit('installation', payload, { installationId: installation.id });
  }

  installationRepositories(
    action: 'added' | 'removed',
    installation: Installation,
    repositories: readonly Repository[],
    by: Account,
  ): void {
    if (repositories.length === 0) return;
    const payload = this.payloads.installationRepositories(action, installation, repositories, by);
    this.hooks.emit('installation_repositories', payload, { installationId: installation.id });
  }

  /** Sends `repository` only if the App subscribes to it and an active installation covers the repository. */
  repository(action: RepositoryAction, repository: Repository, by: Account, changes?: JsonObject): void {
    const installation = this.state.installationOf(this.state.ownerOf(repository));
    if (!installation || installation.suspendedAt !== null) return;
    if (!this.state.covers(installation, repository) || !this.settings.events.includes('repository')) return;
    const payload = this.payloads.repository(action, repository, installation, by, changes);
    this.hooks.emit('repository', payload, { installationId: installation.id, repositoryId: repository.id });
  }

  targetRenamed(account: Account, from: string, by: Account): void {
    const installation = this.state.installationOf(account);
    if (!installation) return;
    const payload = this.payloads.installationTargetRenamed(account, from, installation, by);
    this.hooks.emit('installation_target', payload, { installationId: installation.id });
  }

  authorizationRevoked(user: Account): void {
    this.hooks.emit('github_app_authorization', this.payloads.authorizationRevoked(user));
  }

  ping(hookId: number, at: number): void {
    this.hooks.emit('ping', this.payloads.ping(hookId, at));
  }
}
