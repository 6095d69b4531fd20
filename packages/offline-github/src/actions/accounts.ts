import { generatePrivateKey } from '../settings';
import type { OrganizationRole, RepositoryRole } from '../state/types';
import { hookId } from '../webhooks/sign';
import { fail } from './lookup';
import type { ActionParts } from './parts';
import { type AccountSummary, summarizeAccount } from './summaries';

/** Creates the actions that change people, organizations, the App's keys and users' authorizations of the App. */
export function accountActions(parts: ActionParts) {
  const { state, settings, keys, clock, tokens, audit, emit, find } = parts;
  return {
    createUser(input: { login: string; name?: string; email?: string }): AccountSummary {
      const email = input.email ?? `${input.login}@example.test`;
      return summarizeAccount(state.addAccount({ type: 'User', ...input, email }, clock.now()));
    },

    createOrganization(input: { login: string; owner: string; name?: string }): AccountSummary {
      const { login, name } = input;
      const owner = find.account(input.owner);
      const given = { type: 'Organization' as const, login, ...(name !== undefined && { name }) };
      const organization = state.addAccount(given, clock.now());
      organization.members.set(owner.id, 'owner');
      return summarizeAccount(organization);
    },

    /** Adds a member or changes the member's role. A null role removes the member. */
    setMembership(input: { organization: string; login: string; role: OrganizationRole | null }): void {
      const { members } = find.account(input.organization);
      const person = find.account(input.login);
      if (input.role === null) members.delete(person.id);
      else members.set(person.id, input.role);
    },

    setBasePermission(input: { organization: string; permission: RepositoryRole | 'none' }): void {
      find.account(input.organization).basePermission = input.permission;
    },

    renameAccount(input: { account: string; login: string; by?: string }): AccountSummary {
      const account = find.account(input.account);
      const by = find.actor(input.by, account);
      const from = account.login;
      state.renameAccount(account, input.login);
      audit.add({
        action: account.type === 'Organization' ? 'org.rename' : 'user.rename',
        actor: by.login,
        actor_id: by.id,
      });
      emit.targetRenamed(account, from, by);
      return summarizeAccount(account);
    },

    /** Revokes a person's authorization of the App and all their tokens, and notifies the App. */
    revokeAuthorization(input: { login: string }): void {
      const user = find.account(input.login);
      if (!state.authorizations.delete(user.id)) fail(`${user.login} has not authorised the App`);
      tokens.revokeWhere((record) => record.kind === 'user' && record.userId === user.id);
      audit.add({ action: 'oauth_authorization.destroy', actor: user.login, actor_id: user.id });
      emit.authorizationRevoked(user);
    },

    /** Adds a private key to the App, so tests can rotate keys. Returns the PEM, which is not stored. */
    addAppKey(): { pem: string; fingerprint: string } {
      const pem = generatePrivateKey();
      return { pem, fingerprint: keys.add(pem) };
    },

    removeAppKey(input: { fingerprint: string }): void {
      if (!keys.remove(input.fingerprint)) fail(`no key ${input.fingerprint}`);
    },

    listAppKeys(): string[] {
      return keys.fingerprints();
    },

    ping(): void {
      emit.ping(hookId(settings), clock.now());
    },
  };
}
