/** Tests how a mint without `installation_id` chooses its installation in a workspace with several accounts. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { ApiKeyActor } from '../actor';
import type { AuthenticatedKey } from '../api-keys/key';
import {
  makeApiKeyActor,
  makeInstallation,
  makeWorkspace,
  readAudit,
  TEST_ORIGIN,
} from '../auth/test-fixtures';
import type { MintRequest } from '../contract/mint';
import { getDb, inTransaction } from '../db/client';
import { forgetGitHub } from '../github/client';
import { markDeleted } from '../installation/mark-deleted';
import { markSuspended } from '../installation/transitions';
import { Problem } from '../problem';
import { clearWorld, connectedScene, type Scene } from '../testing/test-scene';
import { connect, startTestWorld } from '../testing/test-world';
import { mintToken } from './mint';

const world = await startTestWorld();
const { github } = world;
const MINT = 'POST /app/installations/{installation_id}/access_tokens';

let scene: Scene;
/** The workspace's second account. */
let initech: number;
let key: ApiKeyActor;

beforeEach(async () => {
  await clearWorld(world);
  forgetGitHub();
  scene = await connectedScene(world, { account: 'acme', by: 'sam', repositories: ['acme/api', 'acme/web'] });
  initech = github.actions.install({ account: 'initech', by: 'sam' }).id;
  await github.flush();
  const { actor, workspaceId } = scene;
  expect(await connect(world, { actor, workspaceId, login: 'sam' }, initech)).toBe('connected');
  await expect.poll(() => idOf('tps-reports').catch(() => 0)).toBeGreaterThan(0);
  key = await makeApiKeyActor({ id: workspaceId, slug: scene.slug });
  github.requests.clear();
});

async function idOf(name: string): Promise<number> {
  const { id } = await getDb().repository.findFirstOrThrow({
    where: { name, installation: { workspaceId: scene.workspaceId } },
  });
  return Number(id);
}

const boundTo = (...repositoryIds: number[]) =>
  makeApiKeyActor({ id: scene.workspaceId, slug: scene.slug }, { repositoryIds });

const end = (id: number, how: typeof markDeleted | typeof markSuspended) =>
  inTransaction<unknown>((tx) =>
    how(tx, id, {
      actor: { type: 'system', id: 'system:github', label: 'system:github' },
      origin: TEST_ORIGIN,
      noticedBy: 'webhook',
    }),
  );

/** Adds a repository to an installation's stored list, to imitate a transfer or a rename between two syncs. */
const share = (installationId: number, repository: { id: number; owner: string; name: string }) =>
  getDb().repository.create({
    data: {
      ...repository,
      id: BigInt(repository.id),
      installationId: BigInt(installationId),
      cloneUrl: 'https://github.test/x.git',
      defaultBranch: 'main',
      private: true,
    },
  });

function mint(request: MintRequest = {}, actor: ApiKeyActor & Partial<AuthenticatedKey> = key) {
  return mintToken({ workspaceId: scene.workspaceId, actor, origin: TEST_ORIGIN, request });
}

async function refusal(minting: Promise<unknown>): Promise<Problem> {
  const outcome: unknown = await minting.then(
    () => 'a token was released',
    (error: unknown) => error,
  );
  if (!(outcome instanceof Problem)) throw new Error(String(outcome));
  expect(github.requests.filter({ route: MINT })).toHaveLength(0);
  return outcome;
}

const candidates = ({ errors = [] }: Problem) =>
  errors.map(({ installation_id, account }) => [installation_id, account?.login]);
const both = () => [
  [scene.installationId, 'acme'],
  [initech, 'initech'],
];

describe('a mint without installation_id', () => {
  it('uses the installation that shares the repositories named by id or by name in any letter case', async () => {
    expect(await mint({ repositories: ['acme/api'] })).toMatchObject({
      installation_id: scene.installationId,
    });
    expect(await mint({ repositories: ['Initech/TPS-Reports'] })).toMatchObject({ installation_id: initech });
    expect(await mint({ repositories: [await idOf('tps-reports')] })).toMatchObject({
      installation_id: initech,
      account: { login: 'initech' },
    });
    expect(await mint({ repositories: ['acme/api', await idOf('web')] })).toMatchObject({
      installation_id: scene.installationId,
    });
  });

  it('uses the installations that were read with its key, unless that was over a second ago', async () => {
    const readWithKey = (readAt: number) => ({ ...key, installations: { rows: [], stop: null, readAt } });
    const now = performance.now();
    await expect(mint({}, readWithKey(now))).rejects.toMatchObject({ code: 'not_connected' });
    expect(await mint({ repositories: ['acme/api'] }, readWithKey(now - 1001))).toMatchObject({
      installation_id: scene.installationId,
    });
  });

  it('uses the installation that shares the repositories of the bound key', async () => {
    const bound = await boundTo(await idOf('tps-reports'));
    expect(await mint({}, bound)).toMatchObject({
      installation_id: initech,
      repositories: [{ full_name: 'initech/tps-reports' }],
    });
  });

  it('uses the active installation if two share the same repository', async () => {
    const id = await idOf('tps-reports');
    await share(scene.installationId, { id, owner: 'initech', name: 'tps-reports' });
    await end(scene.installationId, markSuspended);
    expect(await mint({ repositories: [id] })).toMatchObject({ installation_id: initech });
    expect(await mint({}, await boundTo(id))).toMatchObject({ installation_id: initech });
  });

  it('lets the other names decide if two installations share one of the repositories', async () => {
    const id = await idOf('api');
    await share(initech, { id, owner: 'acme', name: 'api' });
    for (const repositories of [
      [id, 'acme/web'],
      ['acme/web', 'acme/api'],
    ])
      expect(await mint({ repositories })).toMatchObject({ installation_id: scene.installationId });
  });

  it('uses the only active installation once the other has ended', async () => {
    await end(initech, markDeleted);
    expect(await mint()).toMatchObject({ installation_id: scene.installationId });
    github.requests.clear();
    expect((await refusal(mint({ repositories: ['initech/tps-reports'] }))).code).toBe(
      'repository_not_accessible',
    );
  });
});

describe('a mint after a reinstall that no webhook reported', () => {
  /**
   * Stores an installation of the same account with a lower id. GitHub allows one installation per account and App, so
   * the one with the lower id must have ended.
   */
  async function staleInstallation(): Promise<number> {
    const { repositories, workspaceId, id, ...row } = await getDb().installation.findUniqueOrThrow({
      where: { id: scene.installationId },
      include: { repositories: true },
    });
    const stale = await getDb().installation.create({
      data: { ...row, workspaceId, id: id - 1_000_000n, syncLease: null },
    });
    for (const repository of repositories)
      await getDb().repository.create({ data: { ...repository, installationId: stale.id } });
    return Number(stale.id);
  }

  it('uses the new installation, chosen by name, by id and by the bound key', async () => {
    await staleInstallation();
    const id = await idOf('api');
    const newest = { installation_id: scene.installationId };
    expect(await mint({ repositories: ['acme/api'] })).toMatchObject(newest);
    expect(await mint({ repositories: [id] })).toMatchObject(newest);
    expect(await mint({}, await boundTo(id))).toMatchObject(newest);
    await end(initech, markDeleted);
    expect(await mint()).toMatchObject(newest);
  });

  it('never uses the old installation, nor offers it as a candidate', async () => {
    const stale = await staleInstallation();
    expect(candidates(await refusal(mint()))).toEqual(both());
    await end(scene.installationId, markSuspended);
    expect((await refusal(mint({ repositories: ['acme/api'] }))).code).toBe('installation_suspended');
    await expect(mint({ repositories: ['acme/api'], installation_id: stale })).rejects.toThrow();
  });
});

describe('a mint that matches no installation or several', () => {
  it('is ambiguous if it names no repositories and its key is not bound, and lists every candidate', async () => {
    const problem = await refusal(mint());
    expect([problem.code, problem.status]).toEqual(['installation_ambiguous', 422]);
    expect(candidates(problem)).toEqual(both());
    expect(problem.errors?.[0]).toMatchObject({
      path: 'installation_id',
      message: expect.stringContaining('acme'),
      account: { login: 'acme', type: 'Organization' },
    });
    for (const [installation_id] of both())
      await expect(mint({ installation_id: Number(installation_id) })).resolves.toHaveProperty('token');
  });

  it('lists only active installations as candidates', async () => {
    const third = await makeInstallation(scene.workspaceId, ['gone/x'], 'deleted');
    const fourth = await makeInstallation(scene.workspaceId, ['still/x'], 'suspended');
    const ids = candidates(await refusal(mint())).map(([id]) => id);
    expect(ids).not.toContain(third.id);
    expect(ids).not.toContain(fourth.id);
    expect(ids).toHaveLength(2);
  });

  it('reports that the named repositories belong to several accounts', async () => {
    const problem = await refusal(mint({ repositories: ['acme/api', 'initech/tps-reports'] }));
    expect([problem.code, problem.status]).toEqual(['installation_ambiguous', 422]);
    expect(problem.message).toContain('belong to several accounts: acme, initech');
    expect(candidates(problem)).toEqual(both());
  });

  it('is ambiguous if its key is bound to repositories of two accounts', async () => {
    const bound = await boundTo(await idOf('api'), await idOf('tps-reports'));
    const problem = await refusal(mint({}, bound));
    expect(problem.code).toBe('installation_ambiguous');
    expect(candidates(problem)).toEqual(both());
    expect(await mint({ repositories: ['acme/api'] }, bound)).toMatchObject({
      repositories: [{ full_name: 'acme/api' }],
    });
  });

  it('is ambiguous if two installations share the repository it names', async () => {
    const id = await idOf('tps-reports');
    await share(scene.installationId, { id, owner: 'acme', name: 'tps' });
    expect(candidates(await refusal(mint({ repositories: [id] })))).toEqual(both());
    await share(initech, { id: 77, owner: 'acme', name: 'api' });
    expect(candidates(await refusal(mint({ repositories: ['acme/api'] })))).toEqual(both());
    expect(await mint({ repositories: ['acme/api'], installation_id: scene.installationId })).toMatchObject({
      installation_id: scene.installationId,
    });
  });

  it('gets the same response for a repository of another workspace as for one that does not exist', async () => {
    const other = await makeWorkspace('owner');
    const { repositoryIds } = await makeInstallation(other.id, ['victim/secret']);
    const answers = [];
    for (const repositories of [['victim/secret'], ['victim/nothing'], [repositoryIds[0] ?? 0], [123456]]) {
      const { code, message, errors } = await refusal(mint({ repositories }));
      answers.push(JSON.stringify([code, message, errors]));
    }
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toContain('No connected account shares the named repositories');
  });

  it('reveals no account other than those of the repositories that its key is bound to', async () => {
    const bound = await boundTo(await idOf('api'));
    for (const repositories of [
      ['initech/tps-reports'],
      ['initech/nothing'],
      [await idOf('tps-reports')],
      ['acme/api', 'initech/tps-reports'],
    ]) {
      const problem = await refusal(mint({ repositories }, bound));
      expect([problem.code, problem.errors]).toEqual(['repository_not_accessible', undefined]);
    }
    const problem = await refusal(mint({}, await boundTo(4711)));
    expect([problem.code, problem.errors]).toEqual(['repository_not_accessible', undefined]);
  });

  it('names the missing repositories if the rest belong to one account', async () => {
    const problem = await refusal(mint({ repositories: ['acme/api', 'acme/nothing'] }));
    expect(problem.code).toBe('repository_not_accessible');
    expect(problem.message).toContain('acme/nothing');
    expect(problem.message).not.toContain('acme/api');
    const [denied] = (await readAudit(scene.workspaceId)).filter(
      ({ type }) => type === 'github.token_denied',
    );
    expect(denied?.details).toMatchObject({ reason: 'repository_not_accessible' });
  });
});

describe('a mint whose installation has ended or is suspended', () => {
  it('reports the suspension, whether chosen by name, by id or by the bound key', async () => {
    await end(initech, markSuspended);
    const id = await idOf('tps-reports');
    for (const repositories of [['initech/tps-reports'], [id]])
      expect((await refusal(mint({ repositories }))).code).toBe('installation_suspended');
    expect((await refusal(mint({}, await boundTo(id)))).code).toBe('installation_suspended');
    await expect(mint({ repositories: ['acme/api'] })).resolves.toHaveProperty('token');
    await expect(mint()).resolves.toHaveProperty('token');
  });

  it('is refused if the key is bound to repositories of an installation that has ended', async () => {
    const bound = await boundTo(await idOf('tps-reports'));
    await end(initech, markDeleted);
    expect((await refusal(mint({}, bound))).code).toBe('repository_not_accessible');
  });

  it('reports a suspended installation rather than one that has ended', async () => {
    await end(scene.installationId, markDeleted);
    await end(initech, markSuspended);
    expect((await refusal(mint())).code).toBe('installation_suspended');
  });

  it('reports that the installation has ended if no other is left', async () => {
    await end(initech, markDeleted);
    await end(scene.installationId, markDeleted);
    expect((await refusal(mint({ repositories: ['acme/api'] }))).code).toBe('installation_deleted');
  });
});

it('tells a key with more than 500 repositories of one account to name those that it needs', async () => {
  const many = await makeInstallation(
    scene.workspaceId,
    Array.from({ length: 501 }, (_, n) => `huge/r${n}`),
  );
  const bound = await boundTo(...many.repositoryIds);
  const problem = await refusal(mint({}, bound));
  expect(problem.code).toBe('repository_not_accessible');
  expect(problem.message).toContain('more than 500');
});
