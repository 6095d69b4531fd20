/** Random changes at the offline GitHub, and a record of everything that it ever shared with the app. */
import type { ControlClient } from 'offline-github';
import type { SeededRandom } from 'offline-github/testing';
import type { World } from './world/world';

const KINDS = [
  'select',
  'select',
  'select',
  'selectAll',
  'createRepository',
  'renameRepository',
  'transfer',
  'transfer',
  'archive',
  'setVisibility',
  'deleteRepository',
  'suspend',
  'unsuspend',
  'unsuspend',
  'uninstall',
] as const;

/** Uninstalls are rare, because an account that has uninstalled the App takes no further part. */
const MOST_UNINSTALLS = 1;

export class RandomHistory {
  /** Every `installation:repository` that GitHub ever shared. */
  readonly everShared = new Set<string>();
  readonly #everInstalled = new Set<number>();
  readonly #repositoryIds = new Set<number>();
  #names = 0;
  #uninstalls = 0;

  constructor(
    private readonly github: ControlClient,
    private readonly random: SeededRandom,
    private readonly accounts: readonly string[],
  ) {}

  /** Changes something. Returns false if the change wasn't possible. */
  async step(): Promise<boolean> {
    const kind = this.#oneOf(KINDS);
    const account = this.#oneOf(this.accounts);
    const { installations, repositories } = await this.github.state();
    const installation = installations.find((each) => each.account === account)?.id ?? 0;
    const owned = repositories.filter(({ owner }) => owner === account).map(({ id }) => id);
    const repository = owned.length === 0 ? 0 : this.#oneOf(owned);
    try {
      await this.#change(kind, { account, installation, owned, repository });
      return true;
    } catch (error) {
      // GitHub refuses what makes no sense, such as a change to an account without an installation.
      if (error instanceof Error && error.message.startsWith('offline GitHub')) return false;
      throw error;
    }
  }

  async #change(
    kind: (typeof KINDS)[number],
    at: { account: string; installation: number; owned: number[]; repository: number },
  ): Promise<unknown> {
    const { actions } = this.github;
    const { account, installation, owned, repository } = at;
    switch (kind) {
      case 'select': {
        const some = owned.filter(() => this.random.next() < 0.5);
        return actions.configure({ installation, selection: 'selected', repositories: some });
      }
      case 'selectAll':
        return actions.configure({ installation, selection: 'all' });
      case 'createRepository':
        return actions.createRepository({ account, name: `new-${this.#names++}` });
      case 'renameRepository':
        return actions.renameRepository({ repository, name: `renamed-${this.#names++}` });
      case 'transfer':
        return actions.transferRepository({ repository, to: this.#oneOf(this.accounts) });
      case 'archive':
        return actions.archiveRepository({ repository });
      case 'setVisibility':
        return actions.setVisibility({ repository, private: this.random.next() < 0.5 });
      case 'deleteRepository':
        return owned.length > 2 ? actions.deleteRepository({ repository }) : undefined;
      case 'suspend':
        return actions.suspend({ installation });
      case 'unsuspend':
        return actions.unsuspend({ installation });
      case 'uninstall':
        if (installation === 0 || this.#uninstalls >= MOST_UNINSTALLS) return undefined;
        this.#uninstalls++;
        return actions.uninstall({ installation });
    }
  }

  /** Records what GitHub shares now. Only this history changes GitHub, so no state goes unseen. */
  async look(): Promise<void> {
    const { installations, repositories } = await this.github.state();
    const ids = new Map(repositories.map(({ fullName, id }) => [fullName, id]));
    for (const { id } of repositories) this.#repositoryIds.add(id);
    for (const installation of installations) {
      this.#everInstalled.add(installation.id);
      if (installation.suspended) continue;
      for (const name of installation.repositories)
        this.everShared.add(`${installation.id}:${ids.get(name)}`);
    }
  }

  /** Returns the id of any repository that ever existed. */
  anyRepository(): number {
    return this.#oneOf([...this.#repositoryIds]);
  }

  /** Compares the stored state with GitHub's. Returns the first difference. */
  async differenceTo(query: World['query']): Promise<string | undefined> {
    const { installations, repositories } = await this.github.state();
    const rows = await query<{
      id: string;
      status: string;
      selection: string;
      repositories: string[] | null;
    }>(
      `SELECT i.id, status::text, repository_selection AS selection,
          array_agg(concat_ws(' ', owner || '/' || name, default_branch, private, archived) ORDER BY owner, name)
            FILTER (WHERE r.id IS NOT NULL AND removed_at IS NULL) AS repositories
        FROM installations i LEFT JOIN repositories r ON r.installation_id = i.id GROUP BY i.id`,
    );
    for (const id of this.#everInstalled) {
      const row = rows.find((each) => Number(each.id) === id);
      const stored = {
        status: row?.status,
        selection: row?.selection,
        names: (row?.repositories ?? []).sort(),
      };
      const real = installations.find((each) => each.id === id);
      const status = real === undefined ? 'deleted' : real.suspended ? 'suspended' : 'active';
      if (stored.status !== status) return `${id} is ${stored.status} and not ${status}`;
      if (real === undefined && stored.names.length > 0) return `${id} has ended and shares ${stored.names}`;
      // GitHub doesn't list the repositories of a suspended installation.
      if (real === undefined || real.suspended) continue;
      if (stored.selection !== real.repositorySelection) return `${id} shares ${stored.selection}`;
      const names = real.repositories.map((name) => {
        const found = repositories.find(({ fullName }) => fullName === name);
        const flag = (on: boolean | undefined) => (on ? 't' : 'f');
        return `${name} ${found?.defaultBranch} ${flag(found?.private)} ${flag(found?.archived)}`;
      });
      if (names.sort().join() !== stored.names.join()) return `${id} shares ${stored.names}, not ${names}`;
    }
    return undefined;
  }

  #oneOf<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.random.next() * choices.length)] as T;
  }
}
