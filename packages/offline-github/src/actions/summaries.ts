import type { State } from '../state/store';
import type { Account, AccountType, Installation, Repository, RepositorySelection } from '../state/types';

/** An installation as plain JSON. In-process calls and `/_control` both return this shape. */
export interface InstallationSummary {
  id: number;
  account: string;
  accountId: number;
  accountType: AccountType;
  repositorySelection: RepositorySelection;
  /** The full names of the first thousand repositories. */
  repositories: string[];
  repositoryCount: number;
  suspended: boolean;
  permissions: Record<string, string>;
}

export interface RepositorySummary {
  id: number;
  fullName: string;
  owner: string;
  private: boolean;
  archived: boolean;
  defaultBranch: string;
  cloneUrl: string;
}

export interface AccountSummary {
  id: number;
  login: string;
  type: AccountType;
  name: string;
  email: string | null;
}

const LISTED_REPOSITORIES = 1_000;

export function summarizeInstallation(state: State, installation: Installation): InstallationSummary {
  const account = state.account(installation.accountId);
  const repositories = state.installationRepositories(installation);
  return {
    id: installation.id,
    account: account.login,
    accountId: account.id,
    accountType: account.type,
    repositorySelection: installation.selection,
    repositories: repositories.slice(0, LISTED_REPOSITORIES).map((each) => state.fullName(each)),
    repositoryCount: repositories.length,
    suspended: installation.suspendedAt !== null,
    permissions: { ...installation.permissions },
  };
}

export function summarizeRepository(state: State, webUrl: string, repository: Repository): RepositorySummary {
  const fullName = state.fullName(repository);
  return {
    id: repository.id,
    fullName,
    owner: state.ownerOf(repository).login,
    private: repository.private,
    archived: repository.archived,
    defaultBranch: repository.defaultBranch,
    cloneUrl: `${webUrl}/${fullName}.git`,
  };
}

export function summarizeAccount(account: Account): AccountSummary {
  const { id, login, type, name, email } = account;
  return { id, login, type, name, email };
}
