import type { Permissions } from '../settings';
import type { Account, Installation, RepositorySelection } from '../state/types';
import { fail } from './lookup';
import type { ActionParts } from './parts';
import { type InstallationSummary, summarizeInstallation } from './summaries';

export interface Selection {
  selection?: RepositorySelection;
  /** Repositories by full name or id. Unless `selection` is given too, listing repositories implies `selected`. */
  repositories?: (string | number)[];
}
export type InstallInput = Selection & { account: string; by?: string };
export type InstallationInput = { installation: string | number; by?: string };

/**
 * Creates the actions that change installations. Each sends the same webhooks and writes the same audit entries as on
 * GitHub.
 */
export function installationActions(parts: ActionParts) {
  const { state, settings, clock, tokens, audit, emit, find } = parts;
  const summary = (installation: Installation): InstallationSummary =>
    summarizeInstallation(state, installation);
  const accountOf = (installation: Installation): Account => state.account(installation.accountId);

  function note(action: string, installation: Installation, actor: Account): void {
    const account = accountOf(installation);
    audit.add({
      action: `integration_installation.${action}`,
      actor: actor.login,
      actor_id: actor.id,
      ...(account.type === 'Organization' && { org: account.login, org_id: account.id }),
      integration: settings.slug,
      installation_id: installation.id,
    });
  }

  function selectedIds(account: Account, refs: readonly (string | number)[]): Set<number> {
    const repositories = refs.map((ref) => find.repository(ref));
    const stranger = repositories.find((repository) => repository.ownerId !== account.id);
    if (stranger) fail(`${state.fullName(stranger)} does not belong to ${account.login}`);
    return new Set(repositories.map((repository) => repository.id));
  }

  function create(account: Account, by: Account, given: Selection, requesterId: number | null): Installation {
    if (state.installationOf(account)) fail(`${account.login} has the App already`);
    if (!state.administers(by, account)) fail(`${by.login} does not administer ${account.login}`);
    const selection = given.selection ?? (given.repositories ? 'selected' : 'all');
    const repositoryIds = selection === 'all' ? [] : selectedIds(account, given.repositories ?? []);
    const at = clock.now();
    const installation = state.addInstallation({
      accountId: account.id,
      selection,
      repositoryIds: new Set(repositoryIds),
      permissions: { ...settings.permissions },
      events: [...settings.events],
      createdAt: at,
      updatedAt: at,
      suspendedAt: null,
      suspendedById: null,
      installedById: by.id,
      requesterId,
    });
    for (const request of state.installationRequests.values()) {
      if (request.accountId === account.id) state.installationRequests.delete(request.id);
    }
    note('create', installation, by);
    emit.installation('created', installation, by);
    return installation;
  }

  function select(installation: Installation, given: Selection, by: Account): InstallationSummary {
    const before = new Map(state.installationRepositories(installation).map((each) => [each.id, each]));
    const selection = given.selection ?? (given.repositories ? 'selected' : installation.selection);
    const account = accountOf(installation);
    const chosen =
      selection === 'selected' ? selectedIds(account, given.repositories ?? [...before.keys()]) : null;
    installation.selection = selection;
    installation.repositoryIds.clear();
    for (const id of chosen ?? []) installation.repositoryIds.add(id);
    installation.updatedAt = clock.now();
    const after = new Map(state.installationRepositories(installation).map((each) => [each.id, each]));
    const added = [...after.values()].filter((each) => !before.has(each.id));
    const removed = [...before.values()].filter((each) => !after.has(each.id));
    if (added.length > 0) note('repositories_added', installation, by);
    if (removed.length > 0) note('repositories_removed', installation, by);
    emit.installationRepositories('added', installation, added, by);
    emit.installationRepositories('removed', installation, removed, by);
    return summary(installation);
  }

  function resolve(input: InstallationInput): { installation: Installation; by: Account } {
    const installation = find.installation(input.installation);
    return { installation, by: find.actor(input.by, accountOf(installation)) };
  }

  return {
    install(input: InstallInput): InstallationSummary {
      const account = find.account(input.account);
      return summary(create(account, find.actor(input.by, account), input, null));
    },

    /** Asks the account's owners to install the App, on behalf of a member who is not allowed to install it. */
    requestInstallation(input: { account: string; by: string }): { requestId: number } {
      const account = find.account(input.account);
      const requester = find.account(input.by);
      if (!account.members.has(requester.id)) fail(`${requester.login} is no member of ${account.login}`);
      for (const open of state.installationRequests.values()) {
        if (open.accountId === account.id && open.requesterId === requester.id) return { requestId: open.id };
      }
      const given = { accountId: account.id, requesterId: requester.id, createdAt: clock.now() };
      const request = state.addInstallationRequest(given);
      audit.add({
        action: 'integration_installation_request.create',
        actor: requester.login,
        actor_id: requester.id,
        org: account.login,
        org_id: account.id,
        integration: settings.slug,
      });
      return { requestId: request.id };
    },

    approveRequest(input: Selection & { requestId: number; by?: string }): InstallationSummary {
      const request = find.request(input.requestId);
      const account = state.account(request.accountId);
      return summary(create(account, find.actor(input.by, account), input, request.requesterId));
    },

    denyRequest(input: { requestId: number }): void {
      state.installationRequests.delete(find.request(input.requestId).id);
    },

    /** Replaces the selected repositories, and sends the difference as `installation_repositories` webhooks. */
    configure(input: InstallationInput & Selection): InstallationSummary {
      const { installation, by } = resolve(input);
      return select(installation, input, by);
    },

    addRepositories(input: InstallationInput & { repositories: (string | number)[] }): InstallationSummary {
      const { installation, by } = resolve(input);
      const present = state.installationRepositories(installation).map((each) => each.id);
      return select(installation, { repositories: [...present, ...input.repositories] }, by);
    },

    removeRepositories(
      input: InstallationInput & { repositories: (string | number)[] },
    ): InstallationSummary {
      const { installation, by } = resolve(input);
      const gone = new Set(input.repositories.map((ref) => find.repository(ref).id));
      const present = state.installationRepositories(installation).map((each) => each.id);
      return select(installation, { repositories: present.filter((id) => !gone.has(id)) }, by);
    },

    suspend(input: InstallationInput): InstallationSummary {
      const { installation, by } = resolve(input);
      if (installation.suspendedAt !== null) return summary(installation);
      installation.suspendedAt = clock.now();
      installation.suspendedById = by.id;
      installation.updatedAt = clock.now();
      note('suspend', installation, by);
      emit.installation('suspend', installation, by);
      return summary(installation);
    },

    unsuspend(input: InstallationInput): InstallationSummary {
      const { installation, by } = resolve(input);
      if (installation.suspendedAt === null) return summary(installation);
      installation.suspendedAt = null;
      installation.suspendedById = null;
      installation.updatedAt = clock.now();
      note('unsuspend', installation, by);
      emit.installation('unsuspend', installation, by);
      return summary(installation);
    },

    /**
     * Uninstalls the App and revokes the installation's tokens. If the App is installed again, the new installation
     * gets a new id.
     */
    uninstall(input: InstallationInput): void {
      const { installation, by } = resolve(input);
      note('destroy', installation, by);
      emit.installation('deleted', installation, by);
      state.installations.delete(installation.id);
      tokens.revokeWhere(
        (record) => record.kind === 'installation' && record.installationId === installation.id,
      );
    },

    /**
     * Changes the permissions that the App requests. An installation keeps its old permissions until somebody accepts
     * the new ones.
     */
    changeAppPermissions(input: { permissions: Permissions }): void {
      settings.permissions = { ...input.permissions };
    },

    acceptPermissions(input: InstallationInput): InstallationSummary {
      const { installation, by } = resolve(input);
      installation.permissions = { ...settings.permissions };
      installation.updatedAt = clock.now();
      note('version_updated', installation, by);
      emit.installation('new_permissions_accepted', installation, by);
      return summary(installation);
    },
  };
}
