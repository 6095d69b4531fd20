/**
 * Plays a random history of two organizations on the offline GitHub for `histories.db.test.ts`, and records everything
 * that GitHub ever allowed.
 */
import fc from 'fast-check';
import { ActionError, type OfflineGitHub } from 'offline-github';
import { TEST_ORIGIN } from '../auth/test-fixtures';
import { bindInstallation } from '../connect/bind';
import { GitHubError } from '../github/errors';
import { getInstallation } from '../github/installations';
import { syncInstallation } from '../sync/sync';
import { newPerson } from './test-scene';

const KINDS = [
  'install',
  'install',
  'install',
  'bind',
  'uninstall',
  'suspend',
  'unsuspend',
  'unsuspend',
  'select',
  'select',
  'select',
  'selectAll',
  'createRepository',
  'renameRepository',
  'renameRepository',
  'transfer',
  'transfer',
  'archive',
  'unarchive',
  'changeBranch',
  'setVisibility',
  'deleteRepository',
  'renameAccount',
  'sync',
  'sync',
  'race',
  'race',
  'race',
  'hold',
  'release',
  'flush',
  'flush',
] as const;

/** Steps that happen after a sync has read GitHub but before it stores the result. */
const RACES = ['select', 'select', 'deleteRepository', 'transfer', 'suspend', 'uninstall'] as const;

/**
 * One step. `account` selects the organization. `pick`, modulo the number of candidates at that moment, selects one of
 * them.
 */
export type Step = { kind: (typeof KINDS)[number]; account: 0 | 1; pick: number };
export type Disturbance = {
  drop: number;
  duplicate: number;
  shuffle: boolean;
  delayMs: number;
  seed: number;
};
/** With `forgetsLog`, GitHub's delivery log is empty when reconcile reads it, as it is after three days. */
export type History = { steps: Step[]; disturbance: Disturbance; forgetsLog: boolean };

export const histories: fc.Arbitrary<History> = fc.record({
  steps: fc.array(
    fc.record({
      kind: fc.constantFrom(...KINDS),
      account: fc.constantFrom(0 as const, 1 as const),
      pick: fc.nat({ max: 255 }),
    }),
    { minLength: 8, maxLength: 30 },
  ),
  disturbance: fc.record({
    drop: fc.constantFrom(0, 0.3, 0.7, 1),
    duplicate: fc.constantFrom(0, 0.5),
    shuffle: fc.boolean(),
    delayMs: fc.constantFrom(0, 15),
    seed: fc.nat({ max: 1000 }),
  }),
  forgetsLog: fc.constantFrom(false, false, true),
});

type Organization = { id: number; login: string; workspace: Awaited<ReturnType<typeof newPerson>> };

/**
 * Holds both sides of one history, GitHub's and the app's. Each history has new organizations, so rows left by another
 * history do not affect it.
 */
export class Play {
  /** Every `installation:repository` that GitHub ever shared, and every installation that was ever active. */
  readonly everShared = new Set<string>();
  readonly everActive = new Set<number>();
  /** For each repository, how many deliveries GitHub had logged when it last shared the repository. */
  readonly lastShared = new Map<string, number>();
  /** Every installation and repository that ever existed, because the test requests tokens for all of them. */
  readonly installationIds = new Set<number>();
  readonly repositoryIds = new Set<number>();
  readonly #syncs: Promise<unknown>[] = [];
  #names = 0;

  private constructor(
    private readonly github: OfflineGitHub,
    readonly organizations: readonly [Organization, Organization],
  ) {}

  static async begin(github: OfflineGitHub, run: number, disturbance: Disturbance): Promise<Play> {
    const organization = async (side: string): Promise<Organization> => {
      const login = `history-${run}-${side}`;
      const { id } = github.actions.createOrganization({ login, owner: 'olivia' });
      for (const name of ['one', 'two', 'three']) github.actions.createRepository({ account: login, name });
      return { id, login, workspace: await newPerson('olivia') };
    };
    const play = new Play(github, [await organization('a'), await organization('b')]);
    github.knobs.set({ webhooks: { ...disturbance, shuffleWindowMs: 10, concurrency: 3 } });
    github.knobs.latency('GET /installation/repositories', 4);
    for (const account of [0, 1] as const)
      await play.take({ kind: 'install', account, pick: disturbance.seed });
    return play;
  }

  /** Resolves when all syncs started by steps have ended. */
  async settle(): Promise<void> {
    await Promise.all(this.#syncs);
  }

  /** Takes a step, or does nothing if the step is not possible at the moment. */
  async take(step: Step): Promise<void> {
    try {
      await this.#act(step);
    } catch (error) {
      if (!(error instanceof GitHubError || error instanceof ActionError)) throw error;
    }
    this.#look();
  }

  async #act({ kind, account: side, pick }: Step): Promise<void> {
    const { actions, knobs } = this.github;
    const organization = this.organizations[side];
    const account = this.github.state.account(organization.id);
    const installation = this.github.state.installationOf(account)?.id ?? 0;
    const owned = this.github.state.repositoriesOf(account);
    const repository = owned[pick % Math.max(1, owned.length)]?.id ?? 0;
    const some = owned.filter((_, index) => (pick >> index) % 2 === 1).map(({ id }) => id);
    switch (kind) {
      case 'install': {
        const selection = pick % 3 === 0 ? {} : { repositories: some };
        const { id } = actions.install({ account: account.login, by: 'olivia', ...selection });
        if (pick % 8 !== 0) await this.#bind(organization, id);
        break;
      }
      case 'bind':
        await this.#bind(organization, installation);
        break;
      case 'uninstall':
        actions.uninstall({ installation });
        break;
      case 'suspend':
        actions.suspend({ installation });
        break;
      case 'unsuspend':
        actions.unsuspend({ installation });
        break;
      case 'select':
        actions.configure({ installation, selection: 'selected', repositories: some });
        break;
      case 'selectAll':
        actions.configure({ installation, selection: 'all' });
        break;
      case 'createRepository':
        actions.createRepository({ account: account.login, name: `new-${this.#names++}` });
        break;
      case 'renameRepository':
        actions.renameRepository({ repository, name: pick % 2 === 0 ? `renamed-${this.#names++}` : 'one' });
        break;
      case 'transfer':
        actions.transferRepository({ repository, to: this.github.state.account(this.#other(side).id).login });
        break;
      case 'archive':
        actions.archiveRepository({ repository });
        break;
      case 'unarchive':
        actions.unarchiveRepository({ repository });
        break;
      case 'changeBranch':
        await actions.changeDefaultBranch({ repository, branch: `branch-${pick % 3}` });
        break;
      case 'setVisibility':
        actions.setVisibility({ repository, private: pick % 2 === 0 });
        break;
      case 'deleteRepository':
        await actions.deleteRepository({ repository });
        break;
      case 'renameAccount':
        actions.renameAccount({ account: account.login, login: `${organization.login}-${this.#names++}` });
        break;
      case 'sync':
        this.#syncs.push(syncInstallation(installation));
        break;
      case 'race':
        await this.#race(installation, { kind: RACES[pick % RACES.length] ?? 'select', account: side, pick });
        break;
      case 'hold':
        knobs.set({ webhooks: { hold: true } });
        break;
      case 'release':
        knobs.set({ webhooks: { hold: false } });
        this.github.releaseWebhooks();
        break;
      case 'flush':
        await this.github.flush();
        break;
    }
  }

  /**
   * Leaves at most one shared repository in each account, so that late deliveries contain repositories that are no
   * longer shared.
   */
  narrow(): void {
    for (const { id } of this.organizations) {
      const account = this.github.state.account(id);
      const installation = this.github.state.installationOf(account);
      const repositories = this.github.state.repositoriesOf(account).slice(0, 1);
      if (installation === undefined) continue;
      this.github.actions.configure({
        installation: installation.id,
        selection: 'selected',
        repositories: repositories.map((repository) => repository.id),
      });
    }
    this.#look();
  }

  /** Starts a sync, and delivers a step's events before the sync stores its snapshot, which is stale by then. */
  async #race(installation: number, step: Step): Promise<void> {
    await this.settle();
    await this.github.flush();
    const { arrived, release } = this.github.knobs.holdNextAnswer('GET /installation/repositories');
    const sync = syncInstallation(installation);
    const isHeld = await Promise.race([arrived.then(() => true), sync.then(() => false)]);
    if (!isHeld) release();
    try {
      await this.#act(step);
      await this.github.flush();
    } finally {
      release();
      await sync;
    }
  }

  #other(side: 0 | 1): Organization {
    return this.organizations[side === 0 ? 1 : 0];
  }

  /** Binds an installation the way the OAuth callback does once ownership is proven. */
  async #bind({ workspace }: Organization, installationId: number): Promise<void> {
    const { workspaceId, actor } = workspace;
    const installation = await getInstallation(installationId);
    const bind = {
      workspaceId,
      actor,
      origin: TEST_ORIGIN,
      installation,
      proof: 'installed_by_user',
      provenBy: { id: 1, login: 'octocat' },
    } as const;
    if ((await bindInstallation(bind)) === 'connected') this.#syncs.push(syncInstallation(installationId));
  }

  #look(): void {
    const { state } = this.github;
    for (const { id } of this.organizations) {
      const account = state.account(id);
      for (const repository of state.repositoriesOf(account)) this.repositoryIds.add(repository.id);
      const installation = state.installationOf(account);
      if (installation === undefined) continue;
      this.installationIds.add(installation.id);
      if (installation.suspendedAt !== null) continue;
      this.everActive.add(installation.id);
      for (const repository of state.installationRepositories(installation)) {
        const key = `${installation.id}:${repository.id}`;
        this.everShared.add(key);
        this.lastShared.set(key, this.github.deliveries.list().length);
      }
    }
  }
}
