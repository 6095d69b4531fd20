import { access, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../clock';
import type { Account, Repository } from '../state/types';
import { data, initialContent } from './content';
import { LfsObjects } from './lfs-objects';
import { runGit } from './run';

export interface NewCommit {
  path: string;
  /** The content of a file, or the commit of a submodule. */
  change: { content: string } | { submodule: string };
  message?: string;
  branch?: string;
  at: number;
  author: Account;
}
export interface TreeEntry {
  type: 'blob' | 'tree';
  sha: string;
  size: number;
  path: string;
}

/** Keeps bare repositories on disk. Directories are named by repository id, so that a rename moves nothing. */
export class GitStore {
  readonly root: string;
  readonly lfs: LfsObjects;
  readonly #ready = new Map<number, Promise<string>>();

  constructor(
    readonly home: string,
    clock: Clock,
  ) {
    this.lfs = new LfsObjects(clock);
    this.root = join(home, 'repositories');
  }

  /** Returns the repository's directory. Creates and fills the repository at first use. */
  ensure(repository: Repository): Promise<string> {
    const known = this.#ready.get(repository.id);
    if (known) return known;
    const making = this.#make(repository);
    this.#ready.set(repository.id, making);
    making.catch(() => this.#ready.delete(repository.id));
    return making;
  }

  async head(repository: Repository, ref: string = repository.defaultBranch): Promise<string> {
    return this.#revParse(await this.ensure(repository), `${ref}^{commit}`);
  }

  async setDefaultBranch(repository: Repository, branch: string): Promise<void> {
    const directory = await this.ensure(repository);
    if (!repository.branches.includes(branch)) {
      await this.#git(directory, 'branch', '--', branch, repository.defaultBranch);
    }
    await this.#git(directory, 'symbolic-ref', 'HEAD', `refs/heads/${branch}`);
  }

  async commit(repository: Repository, given: NewCommit): Promise<string> {
    const directory = await this.ensure(repository);
    const branch = given.branch ?? repository.defaultBranch;
    const exists = repository.branches.includes(branch);
    const parent = await this.head(repository, exists ? branch : repository.defaultBranch);
    const identity = `${given.author.name} <${given.author.login}@users.noreply.example.test> ${Math.floor(given.at / 1000)} +0000`;
    const stream =
      `commit refs/heads/${branch}\nauthor ${identity}\ncommitter ${identity}\n` +
      `${data(given.message ?? `Update ${given.path}`)}from ${parent}\n` +
      `${modify(given)}\n`;
    await runGit(this.home, ['-C', directory, 'fast-import', '--quiet'], stream);
    if (!exists) repository.branches.push(branch);
    return this.head(repository, branch);
  }

  /** Returns one entry of a tree, or null. The root's path is ''. */
  async entry(repository: Repository, ref: string, path: string): Promise<TreeEntry | null> {
    if (path === '') return { type: 'tree', sha: '', size: 0, path };
    const [found] = await this.#lsTree(repository, [ref, '--', path]);
    return found ?? null;
  }

  children(repository: Repository, ref: string, path: string): Promise<TreeEntry[]> {
    return this.#lsTree(repository, path === '' ? [ref] : [ref, '--', `${path}/`]);
  }

  async blob(repository: Repository, sha: string): Promise<Buffer> {
    const directory = await this.ensure(repository);
    return runGit(this.home, ['-C', directory, 'cat-file', 'blob', sha]);
  }

  async remove(repository: Repository): Promise<void> {
    const made = this.#ready.get(repository.id);
    this.#ready.delete(repository.id);
    if (made) await rm(await made, { recursive: true, force: true });
  }

  async #make(repository: Repository): Promise<string> {
    const directory = join(this.root, `${repository.id}.git`);
    const exists = await access(join(directory, 'HEAD')).then(
      () => true,
      () => false,
    );
    if (exists) return directory;
    await mkdir(directory, { recursive: true });
    const { contentSeed, defaultBranch, branches } = repository;
    await runGit(this.home, ['init', '--quiet', '--bare', '-b', defaultBranch, directory]);
    const content = initialContent(contentSeed, defaultBranch, branches);
    await runGit(this.home, ['-C', directory, 'fast-import', '--quiet'], content);
    return directory;
  }

  async #revParse(directory: string, expression: string): Promise<string> {
    const out = await this.#git(directory, 'rev-parse', '--verify', '--end-of-options', expression);
    return out.toString().trim();
  }

  async #lsTree(repository: Repository, args: string[]): Promise<TreeEntry[]> {
    const directory = await this.ensure(repository);
    const out = await this.#git(directory, 'ls-tree', '-z', '--long', ...args);
    const rows = out.toString().split('\0').filter(Boolean);
    return rows.map((row) => {
      const [meta = '', path = ''] = row.split('\t');
      const [, type, sha = '', size = '0'] = meta.split(/ +/);
      return { type: type === 'tree' ? 'tree' : 'blob', sha, size: Number(size) || 0, path };
    });
  }

  #git(directory: string, ...args: string[]): Promise<Buffer> {
    return runGit(this.home, ['-C', directory, ...args]);
  }
}

/** Returns the `git fast-import` command for the changed path. */
function modify({ path, change }: NewCommit): string {
  const name = JSON.stringify(path);
  return 'content' in change
    ? `M 100644 inline ${name}\n${data(change.content)}`
    : `M 160000 ${change.submodule} ${name}\n`;
}
