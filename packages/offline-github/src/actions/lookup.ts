import type { State } from '../state/store';
import {
  type Account,
  ActionError,
  type Installation,
  type InstallationRequest,
  type Repository,
} from '../state/types';

/**
 * Finds accounts, repositories and installations by name or id.
 *
 * @throws ActionError that names the missing object
 */
export class Lookup {
  constructor(readonly state: State) {}

  account(login: string): Account {
    return this.state.accountByLogin(login) ?? fail(`no account ${login}`);
  }

  /** Finds a repository by full name (`acme/api`) or id. */
  repository(ref: string | number): Repository {
    const found =
      typeof ref === 'number' ? this.state.repositories.get(ref) : this.state.repositoryByName(ref);
    return found ?? fail(`no repository ${ref}`);
  }

  /** Finds an installation by id, or by the login of its account. */
  installation(ref: string | number): Installation {
    const found =
      typeof ref === 'number'
        ? this.state.installations.get(ref)
        : this.state.installationOf(this.account(ref));
    return found ?? fail(`no installation ${ref}`);
  }

  request(id: number): InstallationRequest {
    return this.state.installationRequests.get(id) ?? fail(`no installation request ${id}`);
  }

  /**
   * Returns the user who performs an action: `login` if given, otherwise the account itself if it's a user, otherwise
   * the organization's first owner.
   */
  actor(login: string | undefined, account: Account): Account {
    if (login !== undefined) return this.account(login);
    if (account.type === 'User') return account;
    for (const [id, role] of account.members) if (role === 'owner') return this.state.account(id);
    return fail(`${account.login} has no owner`);
  }
}

export function fail(message: string): never {
  throw new ActionError(message);
}
