import {
  type Account,
  type AccountType,
  ActionError,
  type Installation,
  type InstallationRequest,
  type Repository,
  type RepositoryRole,
} from './types';

type SequenceName = 'Account' | 'Repository' | 'Installation' | 'Request';

/** The parts of a {@link State} that are saved. The indexes are rebuilt from these parts. */
export interface StateContent {
  accounts: Account[];
  repositories: Repository[];
  installations: Installation[];
  installationRequests: InstallationRequest[];
  authorizations: [user: number, at: number][];
  formerNames: [fullName: string, repository: number][];
  sequence: Record<SequenceName, number>;
}

export type NewAccount = { login: string; type: AccountType; id?: number; name?: string; email?: string };
export type NewRepository = {
  owner: Account;
  name: string;
  at: number;
  private?: boolean;
  defaultBranch?: string;
  description?: string | null;
};

const ROLE_RANK: Record<RepositoryRole, number> = { pull: 1, triage: 2, push: 3, maintain: 4, admin: 5 };

/** Holds accounts, repositories and installations. Indexes keep lookups fast with tens of thousands of repositories. */
export class State {
  readonly accounts = new Map<number, Account>();
  readonly repositories = new Map<number, Repository>();
  readonly installations = new Map<number, Installation>();
  readonly installationRequests = new Map<number, InstallationRequest>();
  /** The users who authorized the App: user id → time. */
  readonly authorizations = new Map<number, number>();
  readonly #byLogin = new Map<string, Account>();
  readonly #byFullName = new Map<string, Repository>();
  readonly #formerNames = new Map<string, number>();
  readonly #byOwner = new Map<number, Map<number, Repository>>();
  readonly #sequence: Record<SequenceName, number> = {
    Account: 60_000,
    Repository: 700_000,
    Installation: 52_000_000,
    Request: 800,
  };

  static restore(content: StateContent): State {
    const state = new State();
    for (const account of content.accounts) state.#linkAccount(account);
    for (const [name, id] of content.formerNames) state.#formerNames.set(name, id);
    for (const repository of content.repositories) state.#linkRepository(repository);
    for (const each of content.installations) state.installations.set(each.id, each);
    for (const each of content.installationRequests) state.installationRequests.set(each.id, each);
    for (const [user, at] of content.authorizations) state.authorizations.set(user, at);
    Object.assign(state.#sequence, content.sequence);
    return state;
  }

  content(): StateContent {
    return {
      accounts: [...this.accounts.values()],
      repositories: [...this.repositories.values()],
      installations: [...this.installations.values()],
      installationRequests: [...this.installationRequests.values()],
      authorizations: [...this.authorizations],
      formerNames: [...this.#formerNames],
      sequence: { ...this.#sequence },
    };
  }

  #nextId(kind: SequenceName): number {
    this.#sequence[kind] += 1;
    return this.#sequence[kind];
  }

  addAccount(given: NewAccount, at: number): Account {
    if (this.#byLogin.has(given.login.toLowerCase())) throw new ActionError(`login is taken: ${given.login}`);
    const id = given.id ?? this.#nextId('Account');
    const account: Account = {
      id,
      nodeId: nodeId(given.type === 'User' ? 'U' : 'O', id),
      type: given.type,
      login: given.login,
      name: given.name ?? given.login,
      email: given.email ?? null,
      createdAt: at,
      members: new Map(),
      basePermission: 'pull',
    };
    this.#linkAccount(account);
    return account;
  }

  renameAccount(account: Account, login: string): void {
    if (this.#byLogin.has(login.toLowerCase())) throw new ActionError(`login is taken: ${login}`);
    const owned = this.repositoriesOf(account);
    for (const repository of owned) this.#unlinkName(repository);
    this.#byLogin.delete(account.login.toLowerCase());
    account.login = login;
    this.#byLogin.set(login.toLowerCase(), account);
    for (const repository of owned) this.#linkName(repository);
  }

  addRepository(given: NewRepository): Repository {
    const { owner, name, at } = given;
    if (this.#byFullName.has(`${owner.login}/${name}`.toLowerCase())) {
      throw new ActionError(`repository exists: ${owner.login}/${name}`);
    }
    const id = this.#nextId('Repository');
    const defaultBranch = given.defaultBranch ?? 'main';
    const repository: Repository = {
      id,
      nodeId: nodeId('R', id),
      ownerId: owner.id,
      name,
      private: given.private ?? true,
      archived: false,
      defaultBranch,
      branches: [defaultBranch, 'develop'],
      description: given.description ?? null,
      createdAt: at,
      updatedAt: at,
      pushedAt: at,
      contentSeed: `${owner.login}/${name}`,
      collaborators: null,
    };
    this.#linkRepository(repository);
    return repository;
  }

  /** Renames a repository or moves it to another owner. The former name redirects, as on GitHub. */
  moveRepository(repository: Repository, to: { owner?: Account; name?: string }): void {
    const owner = to.owner ?? this.ownerOf(repository);
    const name = to.name ?? repository.name;
    const taken = this.#byFullName.get(`${owner.login}/${name}`.toLowerCase());
    if (taken && taken !== repository) throw new ActionError(`repository exists: ${owner.login}/${name}`);
    this.#unlinkName(repository);
    this.#byOwner.get(repository.ownerId)?.delete(repository.id);
    repository.ownerId = owner.id;
    repository.name = name;
    this.#byOwner.get(owner.id)?.set(repository.id, repository);
    this.#linkName(repository);
  }

  removeRepository(repository: Repository): void {
    this.#byFullName.delete(this.fullName(repository).toLowerCase());
    this.#byOwner.get(repository.ownerId)?.delete(repository.id);
    this.repositories.delete(repository.id);
    for (const installation of this.installations.values()) installation.repositoryIds.delete(repository.id);
  }

  addInstallation(given: Omit<Installation, 'id' | 'nodeId'>): Installation {
    const id = this.#nextId('Installation');
    const installation: Installation = { id, nodeId: nodeId('IIN', id), ...given };
    this.installations.set(id, installation);
    return installation;
  }

  addInstallationRequest(given: Omit<InstallationRequest, 'id' | 'nodeId'>): InstallationRequest {
    const id = this.#nextId('Request');
    const request: InstallationRequest = { id, nodeId: nodeId('IIR', id), ...given };
    this.installationRequests.set(id, request);
    return request;
  }

  accountByLogin(login: string): Account | undefined {
    return this.#byLogin.get(login.toLowerCase());
  }

  repositoryByName(fullName: string): Repository | undefined {
    return this.#byFullName.get(fullName.toLowerCase());
  }

  /** Returns the repository that used to have this name, unless another repository has the name now. */
  repositoryByFormerName(fullName: string): Repository | undefined {
    const id = this.#formerNames.get(fullName.toLowerCase());
    return id === undefined ? undefined : this.repositories.get(id);
  }

  ownerOf(repository: Repository): Account {
    return this.account(repository.ownerId);
  }

  account(id: number): Account {
    const account = this.accounts.get(id);
    if (!account) throw new ActionError(`no account ${id}`);
    return account;
  }

  fullName(repository: Repository): string {
    return `${this.ownerOf(repository).login}/${repository.name}`;
  }

  repositoriesOf(account: Account): Repository[] {
    return [...(this.#byOwner.get(account.id)?.values() ?? [])];
  }

  installationOf(account: Account): Installation | undefined {
    for (const installation of this.installations.values()) {
      if (installation.accountId === account.id) return installation;
    }
    return undefined;
  }

  installationRepositories(installation: Installation): Repository[] {
    const owned = this.repositoriesOf(this.account(installation.accountId));
    if (installation.selection === 'all') return owned;
    return owned.filter((repository) => installation.repositoryIds.has(repository.id));
  }

  covers(installation: Installation, repository: Repository): boolean {
    if (repository.ownerId !== installation.accountId) return false;
    return installation.selection === 'all' || installation.repositoryIds.has(repository.id);
  }

  /** True if the account is the user's own, or an organization that the user owns. */
  administers(user: Account, account: Account): boolean {
    return account.id === user.id || account.members.get(user.id) === 'owner';
  }

  /** Returns the user's role in a repository. Read access to a public repository does not count as a role. */
  roleOn(user: Account, repository: Repository): RepositoryRole | null {
    const owner = this.ownerOf(repository);
    if (this.administers(user, owner)) return 'admin';
    const given = repository.collaborators?.get(user.id) ?? null;
    const base = owner.members.has(user.id) && owner.basePermission !== 'none' ? owner.basePermission : null;
    if (given === null || base === null) return given ?? base;
    return ROLE_RANK[given] >= ROLE_RANK[base] ? given : base;
  }

  #linkAccount(account: Account): void {
    this.accounts.set(account.id, account);
    this.#byLogin.set(account.login.toLowerCase(), account);
    this.#byOwner.set(account.id, new Map());
  }

  #linkRepository(repository: Repository): void {
    this.repositories.set(repository.id, repository);
    this.#byOwner.get(repository.ownerId)?.set(repository.id, repository);
    this.#linkName(repository);
  }

  #linkName(repository: Repository): void {
    const key = this.fullName(repository).toLowerCase();
    this.#byFullName.set(key, repository);
    this.#formerNames.delete(key);
  }

  #unlinkName(repository: Repository): void {
    const key = this.fullName(repository).toLowerCase();
    this.#byFullName.delete(key);
    this.#formerNames.set(key, repository.id);
  }
}

/** Returns a global id in GitHub's new style: a type prefix and the packed number. */
export function nodeId(prefix: string, id: number): string {
  const packed = Buffer.alloc(4);
  packed.writeUInt32BE(id);
  return `${prefix}_kgDO${packed.toString('base64url')}`;
}
