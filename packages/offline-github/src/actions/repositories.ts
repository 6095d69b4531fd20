import { pointerFile } from '../git/lfs-objects';
import type { NewCommit } from '../git/store';
import type { Account, Repository, RepositoryRole } from '../state/types';
import type { RepositoryAction } from '../webhooks/payloads';
import { fail } from './lookup';
import type { ActionParts } from './parts';
import { type RepositorySummary, summarizeRepository } from './summaries';

export type RepositoryInput = { repository: string | number; by?: string };
type CommitInput = RepositoryInput & { path: string; message?: string; branch?: string };
export interface CreateRepositoryInput {
  account: string;
  name: string;
  private?: boolean;
  defaultBranch?: string;
  by?: string;
}

/**
 * The repository names that GitHub allows.
 * https://docs.github.com/en/repositories/creating-and-managing-repositories/best-practices-for-repositories
 */
const NAME = /^[A-Za-z0-9._-]{1,100}$/;

/** Creates the actions that change repositories. Each sends the same webhooks as on GitHub. */
export function repositoryActions(parts: ActionParts) {
  const { state, clock, urls, audit, emit, find, git } = parts;
  const summary = (repository: Repository): RepositorySummary =>
    summarizeRepository(state, urls.web, repository);

  function note(action: string, repository: Repository, by: Account): void {
    const owner = state.ownerOf(repository);
    audit.add({
      action: `repo.${action}`,
      actor: by.login,
      actor_id: by.id,
      ...(owner.type === 'Organization' && { org: owner.login, org_id: owner.id }),
      repo: state.fullName(repository),
      repo_id: repository.id,
    });
  }

  function resolve(input: RepositoryInput): { repository: Repository; by: Account } {
    const repository = find.repository(input.repository);
    return { repository, by: find.actor(input.by, state.ownerOf(repository)) };
  }

  function touch(input: RepositoryInput, action: RepositoryAction, change: (repository: Repository) => void) {
    const { repository, by } = resolve(input);
    change(repository);
    repository.updatedAt = clock.now();
    note(action, repository, by);
    emit.repository(action, repository, by);
    return summary(repository);
  }

  /** Commits a file to the given branch, or else to the default branch. Returns the commit's SHA. */
  function pushCommit(input: CommitInput & { content: string }): Promise<{ sha: string }> {
    return push(input, { content: input.content });
  }

  async function push(input: CommitInput, change: NewCommit['change']): Promise<{ sha: string }> {
    const { repository, by } = resolve(input);
    if (repository.archived) fail(`${state.fullName(repository)} is archived`);
    const at = clock.now();
    const sha = await git.commit(repository, { ...input, change, at, author: by });
    repository.pushedAt = at;
    return { sha };
  }

  return {
    createRepository(input: CreateRepositoryInput): RepositorySummary {
      const owner = find.account(input.account);
      const by = find.actor(input.by, owner);
      if (!NAME.test(input.name)) fail(`not a repository name: ${input.name}`);
      const repository = state.addRepository({ owner, at: clock.now(), ...input });
      note('create', repository, by);
      emit.repository('created', repository, by);
      const installation = state.installationOf(owner);
      if (installation?.selection === 'all' && installation.suspendedAt === null) {
        emit.installationRepositories('added', installation, [repository], by);
      }
      return summary(repository);
    },

    /**
     * Creates repositories named `<prefix>-00001` and so on. Sends no webhooks, because on the real GitHub nobody
     * creates thousands of repositories by hand.
     */
    createRepositories(input: { account: string; count: number; prefix?: string }): { created: number } {
      const owner = find.account(input.account);
      const at = clock.now();
      const prefix = input.prefix ?? 'repo';
      const start = state.repositoriesOf(owner).length;
      for (let index = 1; index <= input.count; index += 1) {
        state.addRepository({ owner, at, name: `${prefix}-${String(start + index).padStart(5, '0')}` });
      }
      return { created: input.count };
    },

    renameRepository(input: RepositoryInput & { name: string }): RepositorySummary {
      const { repository, by } = resolve(input);
      if (!NAME.test(input.name)) fail(`not a repository name: ${input.name}`);
      const from = repository.name;
      state.moveRepository(repository, { name: input.name });
      repository.updatedAt = clock.now();
      note('rename', repository, by);
      emit.repository('renamed', repository, by, { repository: { name: { from } } });
      return summary(repository);
    },

    /**
     * Transfers a repository to another account. The former owner's installation loses access. The new owner's
     * installation gains access, and receives `repository.transferred`, only if it covers all repositories.
     */
    transferRepository(input: RepositoryInput & { to: string }): RepositorySummary {
      const { repository, by } = resolve(input);
      const former = state.ownerOf(repository);
      const owner = find.account(input.to);
      if (owner === former) fail(`${owner.login} owns ${repository.name} already`);
      const losing = state.installationOf(former);
      const lost = losing !== undefined && state.covers(losing, repository);
      if (losing && lost) {
        losing.repositoryIds.delete(repository.id);
        if (losing.suspendedAt === null) emit.installationRepositories('removed', losing, [repository], by);
      }
      state.moveRepository(repository, { owner });
      repository.collaborators = null;
      repository.updatedAt = clock.now();
      note('transfer', repository, by);
      emit.repository('transferred', repository, by, parts.transferredFrom(former));
      const gaining = state.installationOf(owner);
      if (gaining?.selection === 'all' && gaining.suspendedAt === null) {
        emit.installationRepositories('added', gaining, [repository], by);
      }
      return summary(repository);
    },

    archiveRepository: (input: RepositoryInput) =>
      touch(input, 'archived', (repository) => {
        repository.archived = true;
      }),

    unarchiveRepository: (input: RepositoryInput) =>
      touch(input, 'unarchived', (repository) => {
        repository.archived = false;
      }),

    setVisibility: (input: RepositoryInput & { private: boolean }) =>
      touch(input, input.private ? 'privatized' : 'publicized', (repository) => {
        repository.private = input.private;
      }),

    /** Changes the default branch. Creates the branch from the former default if it does not exist. */
    async changeDefaultBranch(input: RepositoryInput & { branch: string }): Promise<RepositorySummary> {
      const { repository, by } = resolve(input);
      const from = repository.defaultBranch;
      if (from === input.branch) return summary(repository);
      await git
        .setDefaultBranch(repository, input.branch)
        .catch(() => fail(`not a branch name: ${input.branch}`));
      repository.defaultBranch = input.branch;
      if (!repository.branches.includes(input.branch)) repository.branches.push(input.branch);
      repository.updatedAt = clock.now();
      note('update_default_branch', repository, by);
      emit.repository('edited', repository, by, { default_branch: { from } });
      return summary(repository);
    },

    async deleteRepository(input: RepositoryInput): Promise<void> {
      const { repository, by } = resolve(input);
      const installation = state.installationOf(state.ownerOf(repository));
      const covered = installation !== undefined && state.covers(installation, repository);
      note('destroy', repository, by);
      emit.repository('deleted', repository, by);
      state.removeRepository(repository);
      if (installation && covered && installation.suspendedAt === null) {
        emit.installationRepositories('removed', installation, [repository], by);
      }
      await git.remove(repository);
    },

    pushCommit,

    /** Commits a submodule at this commit. `.gitmodules` is a file like any other, and is the caller's. */
    pushSubmodule: (input: CommitInput & { sha: string }): Promise<{ sha: string }> =>
      push(input, { submodule: input.sha }),

    /**
     * Commits a file that Git LFS stores: its pointer, and `.gitattributes` with a line for its path.
     *
     * @returns the commit's SHA, and the object's id
     */
    async pushLfsFile(
      input: RepositoryInput & { path: string; content: string },
    ): Promise<{ sha: string; oid: string }> {
      const { id } = resolve(input).repository;
      const pointer = git.lfs.put(id, Buffer.from(input.content));
      const line = `${input.path} filter=lfs diff=lfs merge=lfs -text\n`;
      await pushCommit({ ...input, path: '.gitattributes', content: line });
      const { sha } = await pushCommit({ ...input, content: pointerFile(pointer) });
      return { sha, oid: pointer.oid };
    },

    /** Adds a collaborator or changes the collaborator's role. A null role removes the collaborator. */
    setCollaborator(input: {
      repository: string | number;
      login: string;
      role: RepositoryRole | null;
    }): void {
      const repository = find.repository(input.repository);
      const person = find.account(input.login);
      repository.collaborators ??= new Map();
      if (input.role === null) repository.collaborators.delete(person.id);
      else repository.collaborators.set(person.id, input.role);
    },
  };
}
