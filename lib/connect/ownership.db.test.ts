import pg from 'pg';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { readAudit } from '../auth/test-fixtures';
import { getDb } from '../db/client';
import {
  clearWorld,
  connectedScene,
  newPerson,
  signedDelivery,
  storedInstallation,
} from '../testing/test-scene';
import { connect, startTestWorld } from '../testing/test-world';
import { receiveDelivery } from '../webhooks/receive';

const world = await startTestWorld();
const { github } = world;

const RAHUL = 20002 + 1;
const USER_LIST = 'GET /user/installations/{installation_id}/repositories';
const MINT = 'POST /app/installations/{installation_id}/access_tokens';

function restoreCast(): void {
  github.actions.setBasePermission({ organization: 'acme', permission: 'pull' });
  github.actions.setMembership({ organization: 'acme', login: 'olivia', role: 'owner' });
  github.actions.setMembership({ organization: 'acme', login: 'sam', role: 'owner' });
  github.actions.setMembership({ organization: 'acme', login: 'mona', role: 'member' });
  github.actions.setMembership({ organization: 'acme', login: 'rahul', role: 'member' });
}

beforeEach(async () => {
  await clearWorld(world);
  restoreCast();
  await getDb().connectAttempt.deleteMany();
});

/** Makes the installation's webhook look as if it had arrived `interval` ago, by the database's clock. */
async function installedAgo(installationId: number, interval: string): Promise<void> {
  await getDb().$executeRaw`
    UPDATE installations SET created_at = now() - ${interval}::interval WHERE id = ${installationId}`;
}

async function boundEvent(workspaceId: string) {
  const events = await readAudit(workspaceId);
  return events.find(({ type }) => type === 'github.installation_bound');
}

const isUnbound = async (id: number) => (await storedInstallation(id)).workspaceId === null;

/** Installs the App as `olivia`, without connecting it to a workspace. */
async function installedByOlivia(repositories?: string[]): Promise<number> {
  const given = repositories === undefined ? {} : { repositories };
  const { id } = github.actions.install({ account: 'acme', by: 'olivia', ...given });
  await github.flush();
  return id;
}

describe('an installer', () => {
  it('binds an installation within the hour, even when it shares no repository', async () => {
    const id = await installedByOlivia([]);
    const olivia = await newPerson('olivia');
    expect(await connect(world, olivia, id)).toBe('connected');
    expect((await boundEvent(olivia.workspaceId))?.details).toEqual({
      account: 'acme',
      proof: 'installed_by_user',
      github_user: { id: 20001, login: 'olivia' },
      repository_selection: 'selected',
    });
  });

  it('must administer the shared repositories once an hour has passed by the database’s clock', async () => {
    const id = await installedByOlivia([]);
    await installedAgo(id, '61 minutes');
    expect(await connect(world, await newPerson('olivia'), id)).toBe('not_your_installation');
    expect(await isUnbound(id)).toBe(true);
  });

  it.each([
    ['is three hours slow and the webhook is old', -3, '61 minutes', 'not_your_installation'],
    ['is three hours fast and the webhook is recent', 3, '1 minute', 'connected'],
  ])('is judged by the database’s clock even if the process’s clock %s', async (_, hours, ago, outcome) => {
    const id = await installedByOlivia([]);
    await installedAgo(id, ago);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + hours * 60 * 60_000 });
    try {
      expect(await connect(world, await newPerson('olivia'), id)).toBe(outcome);
    } finally {
      vi.useRealTimers();
    }
  });

  it.each([
    ['left the organization', null],
    ['was demoted and sees part of the installation', 'member'],
  ] as const)('is refused long after the install if the user %s', async (_, role) => {
    const id = await installedByOlivia();
    await installedAgo(id, '2 hours');
    github.actions.setMembership({ organization: 'acme', login: 'olivia', role });
    const olivia = await newPerson('olivia');
    expect(await connect(world, olivia, id)).toBe('not_your_installation');
    expect(await connect(world, olivia)).toBe('nothing_to_link');
    expect(await isUnbound(id)).toBe(true);
  });

  it.each([
    ['left the organization', null],
    ['was demoted', 'member'],
  ] as const)('is refused minutes after the install if the user since then %s', async (_, role) => {
    const id = await installedByOlivia();
    github.actions.setMembership({ organization: 'acme', login: 'olivia', role });
    expect(await connect(world, await newPerson('olivia'), id)).toBe('not_your_installation');
    expect(await isUnbound(id)).toBe(true);
  });

  it('gains no new proof if an old webhook is replayed after the installation’s row was lost', async () => {
    const id = await installedByOlivia([]);
    const [delivery] = github.deliveries.list().filter(({ event }) => event === 'installation');
    const stored = github.state.installations.get(id);
    if (!delivery || !stored) throw new Error('no delivery of the install');
    Object.assign(stored, { createdAt: stored.createdAt - 2 * 60 * 60_000 });
    const owner = new pg.Client(world.environment.OWNER_DATABASE_URL);
    await owner.connect();
    await owner.query('DELETE FROM installations WHERE id = $1', [id]);
    await owner.end();
    const payload = {
      action: 'created',
      installation: {
        id,
        account: { id: 30001, login: 'acme', type: 'Organization' },
        repository_selection: 'selected',
      },
      sender: { id: 20001, login: 'olivia' },
    };
    await receiveDelivery(signedDelivery(github, 'installation', { ...delivery.payload, ...payload }));
    expect(Number((await storedInstallation(id)).installedByGithubId)).toBe(20001);
    expect(await connect(world, await newPerson('olivia'), id)).toBe('not_your_installation');
  });
});

describe('a requester', () => {
  async function approvedRequest(login: string, repositories?: string[]): Promise<number> {
    const { requestId } = github.actions.requestInstallation({ account: 'acme', by: login });
    const given = repositories === undefined ? {} : { repositories };
    const { id } = github.actions.approveRequest({ requestId, by: 'olivia', ...given });
    await github.flush();
    return id;
  }

  it('cannot bind by the request alone, not even a minute after the approval', async () => {
    const id = await approvedRequest('mona');
    expect(Number((await storedInstallation(id)).requestedByGithubId)).toBe(20002);
    const mona = await newPerson('mona');
    expect(await connect(world, mona, id)).toBe('not_your_installation');
    expect(await connect(world, mona)).toBe('nothing_to_link');
    expect(await isUnbound(id)).toBe(true);
    expect(github.requests.filter({ route: MINT, status: 201 })).toHaveLength(0);
  });

  it('can bind if they administer every shared repository', async () => {
    const id = await approvedRequest('rahul', ['acme/api']);
    const rahul = await newPerson('rahul');
    expect(await connect(world, rahul, id)).toBe('connected');
    expect((await boundEvent(rahul.workspaceId))?.details).toMatchObject({
      proof: 'administers_all_repositories',
      github_user: { id: RAHUL, login: 'rahul' },
    });
  });
});

describe('an admin of every visible repository', () => {
  it('is refused when the installation shares a hidden repository', async () => {
    github.actions.setBasePermission({ organization: 'acme', permission: 'none' });
    const id = await installedByOlivia(['acme/api', 'acme/infra']);
    github.requests.clear();
    expect(await connect(world, await newPerson('rahul'), id)).toBe('not_your_installation');
    // GitHub lists one repository for Rahul, who administers it. The second repository is only in the App's list.
    expect(github.requests.filter({ route: USER_LIST, status: 200 })).toHaveLength(1);
    expect(github.requests.filter({ route: 'GET /installation/repositories', status: 200 })).toHaveLength(1);
    expect(await isUnbound(id)).toBe(true);
  });

  it('binds an installation without hidden repositories', async () => {
    github.actions.setBasePermission({ organization: 'acme', permission: 'none' });
    const id = await installedByOlivia(['acme/api']);
    expect(await connect(world, await newPerson('rahul'), id)).toBe('connected');
  });

  it('is refused after losing the role on one repository', async () => {
    const id = await installedByOlivia(['acme/api', 'acme/web']);
    const admin = (repository: string) =>
      github.actions.setCollaborator({ repository, login: 'rahul', role: 'admin' });
    admin('acme/web');
    github.actions.setCollaborator({ repository: 'acme/web', login: 'rahul', role: 'maintain' });
    expect(await connect(world, await newPerson('rahul'), id)).toBe('not_your_installation');
    github.actions.setCollaborator({ repository: 'acme/web', login: 'rahul', role: null });
  });

  it('is refused without a mint if nothing is shared or the installation is suspended', async () => {
    const empty = await installedByOlivia([]);
    expect(await connect(world, await newPerson('sam'), empty)).toBe('not_your_installation');
    github.actions.uninstall({ installation: empty });
    const suspended = await installedByOlivia(['acme/api']);
    github.actions.suspend({ installation: suspended });
    await github.flush();
    github.requests.clear();
    expect(await connect(world, await newPerson('sam'), suspended)).toBe('not_your_installation');
    expect(github.requests.filter({ route: MINT })).toHaveLength(0);
  });
});

describe('account ownership', () => {
  it('does not extend to another user’s personal account', async () => {
    const { id } = github.actions.install({ account: 'sam', by: 'sam' });
    await github.flush();
    expect(await connect(world, await newPerson('eve'), id)).toBe('not_your_installation');
    expect(await isUnbound(id)).toBe(true);
  });

  it('does not extend to an organization whose id equals the user’s', async () => {
    const id = await installedByOlivia([]);
    const installation = github.state.installations.get(id);
    const organization = installation && github.state.accounts.get(installation.accountId);
    if (!organization) throw new Error('no organization');
    // GitHub never gives a user and an organization the same id. Do so here, to check that account types are compared
    // as well as ids.
    Object.assign(organization, { id: 20004 });
    try {
      expect(await connect(world, await newPerson('eve'), id)).toBe('not_your_installation');
    } finally {
      Object.assign(organization, { id: 30001 });
    }
  });
});

describe('a hidden installation id', () => {
  /** Returns every call to GitHub and every SQL statement that the callback makes, in order and without values. */
  async function workOf(
    claimed: number,
  ): Promise<{ github: string[]; database: string[]; outcome: string | null }> {
    const eve = await newPerson('eve');
    github.requests.clear();
    const statements: string[] = [];
    const query = vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (
      this: pg.Client,
      ...given: unknown[]
    ) {
      const [first] = given as [string | { text?: string }];
      statements.push(typeof first === 'string' ? first : (first?.text ?? ''));
      return original.apply(this, given as never) as never;
    } as never);
    try {
      const outcome = await connect(world, eve, claimed);
      // A background timer in this process checks for ended installations. Its statements do not belong to the
      // callback.
      const database = statements.filter((statement) => !statement.includes('end_seen_at <='));
      return { github: github.requests.list().map(({ route }) => route), database, outcome };
    } finally {
      query.mockRestore();
    }
  }
  const original = pg.Client.prototype.query;

  it('causes the same calls and statements whether it is free, in use, ended or nonexistent', async () => {
    const scene = await connectedScene(world, { account: 'initech', by: 'sam' });
    const gone = github.actions.install({ account: 'acme', by: 'olivia' });
    github.actions.uninstall({ installation: gone.id });
    const free = await installedByOlivia();
    const ended = github.actions.install({ account: 'sam', by: 'sam' });
    await github.flush();
    await getDb().installation.update({
      where: { id: ended.id },
      data: { status: 'deleted', deletedAt: new Date() },
    });
    const requestedAt = async () => (await storedInstallation(scene.installationId)).syncRequestedAt;
    await expect.poll(requestedAt).toBeNull();
    const pendingEnds = { endSeenAt: { not: null }, status: { not: 'deleted' as const } };
    await expect.poll(() => getDb().installation.count({ where: pendingEnds })).toBe(0);
    // A user's first visit to GitHub also authorizes the App, so make that visit before measuring.
    await workOf(99_999_998);
    const never = await workOf(99_999_999);
    expect(never.outcome).toBe('not_your_installation');
    expect(never.github).toContain(USER_LIST);
    expect(never.database.length).toBeGreaterThan(5);
    for (const id of [free, scene.installationId, ended.id, gone.id]) expect(await workOf(id)).toEqual(never);
  });
});
