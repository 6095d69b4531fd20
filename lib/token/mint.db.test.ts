import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { beforeEach, describe, expect, it } from 'vitest';
import { type ApiKeyActor, SYSTEM_GITHUB } from '../actor';
import { verifyAuditChain } from '../audit/verify';
import { makeApiKeyActor, makeWorkspace, readAudit, TEST_ORIGIN } from '../auth/test-fixtures';
import { backgroundWorkEnded } from '../background';
import type { MintRequest } from '../contract/mint';
import { getDb, inTransaction } from '../db/client';
import { forgetGitHub } from '../github/client';
import { markDeleted } from '../installation/mark-deleted';
import { type Cause, markSuspended } from '../installation/transitions';
import { Problem } from '../problem';
import { syncInBackground } from '../sync/queue';
import { syncInstallation } from '../sync/sync';
import { clearWorld, connectedScene } from '../testing/test-scene';
import { connect, startTestWorld } from '../testing/test-world';
import { mintToken } from './mint';

// The timeout is long enough for 50 concurrent mints on a busy machine.
const world = await startTestWorld({ GITHUB_TIMEOUT_MS: '6000' });
const { github } = world;

const TEST_CAUSE: Cause = { actor: SYSTEM_GITHUB, origin: TEST_ORIGIN, noticedBy: 'webhook' };
const MINT = 'POST /app/installations/{installation_id}/access_tokens';
const REVOKE = 'DELETE /installation/token';
const PROBE = 'GET /installation/repositories';
const SHA_256_IN_BASE64 = /^[A-Za-z0-9+/]{43}=$/;

type Scene = { workspaceId: string; installationId: number; actor: ApiKeyActor; ids: Record<string, number> };
let scene: Scene;

beforeEach(async () => {
  await clearWorld(world);
  forgetGitHub();
  const { workspaceId, slug, installationId } = await connectedScene(world, {
    account: 'acme',
    by: 'olivia',
    repositories: ['acme/api', 'acme/web'],
  });
  const repositories = await getDb().repository.findMany({ where: { installationId } });
  const ids = Object.fromEntries(repositories.map((each) => [each.name, Number(each.id)]));
  const actor = await makeApiKeyActor({ id: workspaceId, slug });
  scene = { workspaceId, installationId, actor, ids };
});

function mint(request: MintRequest = {}, actor: ApiKeyActor = scene.actor) {
  return mintToken({ workspaceId: scene.workspaceId, actor, origin: TEST_ORIGIN, request });
}

async function refusal(promise: Promise<unknown>): Promise<Problem> {
  const error: unknown = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Problem)) throw new Error(`no problem: ${String(error)}`);
  return error;
}

async function events(type: string) {
  return (await readAudit(scene.workspaceId)).filter(
    (event) => event.type === type && event.actorId === scene.actor.id,
  );
}

describe('a mint', () => {
  it('asks GitHub for exactly contents: read and metadata: read, even if the App was granted more', async () => {
    const answer = await mint();
    const [asked] = github.requests.filter({ route: MINT });
    expect(asked?.body).toEqual({ permissions: { contents: 'read', metadata: 'read' } });
    expect(answer).toMatchObject({
      installation_id: scene.installationId,
      account: { login: 'acme', type: 'Organization' },
      permissions: { contents: 'read', metadata: 'read' },
      repository_selection: 'selected',
    });
    expect(answer).not.toHaveProperty('repositories');
    expect(Date.parse(answer.expires_at) - Date.now()).toBeGreaterThan(59 * 60_000);
  });

  it('is recorded with its actor, repositories, address and the token’s hash as GitHub logs it', async () => {
    const { token, expires_at } = await mint({ repositories: ['acme/api'] });
    const [event, ...others] = await events('github.token_minted');
    expect(others).toHaveLength(0);
    const hashed_token = createHash('sha256').update(token).digest('base64');
    expect(event).toMatchObject({ actorId: scene.actor.id, clientIp: TEST_ORIGIN.clientIp });
    expect(event?.details).toEqual({
      repositories: [{ id: scene.ids.api, full_name: 'acme/api' }],
      permissions: { contents: 'read', metadata: 'read' },
      expires_at,
      hashed_token,
    });
    expect(github.requests.filter({ route: MINT })).toHaveLength(1);
  });

  it('returns a fresh token each time, even to many concurrent callers', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => mint()));
    expect(new Set(answers.map(({ token }) => token)).size).toBe(50);
    expect(await events('github.token_minted')).toHaveLength(50);
    expect(await verifyAuditChain(scene.workspaceId)).toMatchObject({ ok: true });
  });

  it('handles tokens of either format', async () => {
    for (const tokenFormat of ['classic', 'stateless'] as const) {
      github.knobs.set({ tokenFormat });
      expect((await mint()).token).toMatch(/^ghs_/);
    }
  });

  it('returns only once GitHub accepts the token if verify is set', async () => {
    github.knobs.set({ replicationLagMs: 700 });
    const { token } = await mint({ verify: true });
    const answer = await fetch(`${github.apiUrl}/installation/repositories`, {
      headers: { authorization: `bearer ${token}` },
    });
    expect(answer.status).toBe(200);
  });

  it('revokes and records a token that GitHub never accepts if verify is set', async () => {
    github.knobs.failNext(PROBE, { kind: 'status', status: 401 }, 100);
    expect((await refusal(mint({ verify: true }))).code).toBe('github_unavailable');
    const hashes = async (type: string) =>
      (await events(type)).map(({ details }) => (details as { hashed_token: string }).hashed_token);
    const minted = await hashes('github.token_minted');
    expect(minted).toHaveLength(1);
    expect(await hashes('github.token_revoked')).toEqual(minted);
    expect(await events('github.token_denied')).toMatchObject([
      { details: { reason: 'github_unavailable' } },
    ]);
    expect(github.requests.filter({ route: REVOKE, status: 204 })).toHaveLength(1);
  });

  it('probes only once if GitHub hangs and verify is set', async () => {
    github.knobs.failNext(PROBE, { kind: 'hang' }, 100);
    expect((await refusal(mint({ verify: true }))).code).toBe('github_unavailable');
    expect(github.requests.filter({ route: PROBE })).toHaveLength(1);
    expect(await events('github.token_denied')).toHaveLength(1);
    // The caller does not wait for the revocation.
    await expect.poll(() => events('github.token_revoked')).toHaveLength(1);
  }, 30_000);
});

describe('scope', () => {
  it('is narrowed to the same repository by its name in any letter case and by its id', async () => {
    for (const asked of ['acme/web', 'ACME/Web', scene.ids.web ?? 0]) {
      github.requests.clear();
      const answer = await mint({ repositories: [asked] });
      expect(answer.repositories).toEqual([
        {
          id: scene.ids.web,
          full_name: 'acme/web',
          clone_url: `${github.webUrl}/acme/web.git`,
          default_branch: 'main',
        },
      ]);
      expect(github.requests.filter({ route: MINT })[0]?.body).toMatchObject({
        repository_ids: [scene.ids.web],
      });
    }
  });

  it('never includes a repository that is not shared, and GitHub is not asked', async () => {
    for (const repositories of [
      ['acme/infra'],
      ['acme/api', 'acme/infra'],
      [1],
      ['acme/nothing'],
      ['globex/reactor'],
    ]) {
      const problem = await refusal(mint({ repositories }));
      expect(problem.code).toBe('repository_not_accessible');
    }
    expect(github.requests.filter({ route: MINT })).toHaveLength(0);
    const denied = await events('github.token_denied');
    expect(denied).toHaveLength(5);
    expect(denied[0]?.details).toEqual({ reason: 'repository_not_accessible', repositories: ['acme/infra'] });
  });

  it('bounds how many names from a refused caller an audit row holds', async () => {
    const repositories = Array.from(
      { length: 500 },
      (_, n) => `${'o'.repeat(100)}/${String(n).padStart(100, 'r')}`,
    );
    const problem = await refusal(mint({ repositories }));
    expect(problem.code).toBe('repository_not_accessible');
    expect(problem.message).toMatch(/ and 490 more\.$/);
    // The message contains only ten names of 201 characters each, plus the text around them.
    expect(problem.message.length).toBeLessThan(2200);
    const [denied] = await events('github.token_denied');
    expect(denied?.details).toEqual({
      reason: 'repository_not_accessible',
      count: 500,
      repositories: repositories.slice(0, 20),
    });
  });

  it('does not accept a name that two repositories have had', async () => {
    const { id } = await getDb().repository.findFirstOrThrow({
      where: { installationId: scene.installationId, name: 'web' },
    });
    await getDb().repository.update({
      where: { installationId_id: { installationId: BigInt(scene.installationId), id } },
      data: { name: 'api' },
    });
    expect((await refusal(mint({ repositories: ['acme/api'] }))).code).toBe('repository_not_accessible');
    expect((await mint({ repositories: [Number(id)] })).repositories?.map((each) => each.id)).toEqual([
      Number(id),
    ]);
  });

  it('is limited to the repositories of a bound key, even if the request names none', async () => {
    const bound = { ...scene.actor, repositoryIds: [scene.ids.api ?? 0] };
    expect((await mint({}, bound)).repositories?.map(({ full_name }) => full_name)).toEqual(['acme/api']);
    expect((await refusal(mint({ repositories: ['acme/web'] }, bound))).code).toBe(
      'repository_not_accessible',
    );
    expect((await refusal(mint({}, { ...bound, repositoryIds: [] }))).code).toBe('repository_not_accessible');
  });

  it('follows the id and not the name of a bound key’s repository', async () => {
    const bound = { ...scene.actor, repositoryIds: [scene.ids.api ?? 0] };
    github.actions.renameRepository({ repository: 'acme/api', name: 'api-old' });
    github.actions.createRepository({ account: 'acme', name: 'api' });
    github.actions.addRepositories({ installation: scene.installationId, repositories: ['acme/api'] });
    await github.flush();
    expect((await mint({}, bound)).repositories?.map(({ full_name }) => full_name)).toEqual(['acme/api-old']);
    expect((await refusal(mint({ repositories: ['acme/api'] }, bound))).code).toBe(
      'repository_not_accessible',
    );
  });

  it.each([
    ['a permission', { widenPermissions: { issues: 'read' } }],
    ['write access', { widenPermissions: { contents: 'write' } }],
    ['another permission in place of one', { widenPermissions: { metadata: 'write' } }],
    ['a repository', { widenRepositories: 'one_more' }],
    ['all repositories', { widenRepositories: 'all' }],
    ['repositories that it does not list', { widenRepositories: 'unsaid' }],
    ['the selection “all”', { widenRepositories: 'selection' }],
  ] as const)(
    'is refused when GitHub widens it by %s, and the token is revoked and recorded by its hash',
    async (_, knobs) => {
      github.knobs.set(knobs);
      const problem = await refusal(mint({ repositories: ['acme/api'] }));
      expect([problem.code, problem.status]).toEqual(['github_error', 502]);
      expect(github.requests.filter({ route: MINT, status: 201 })).toHaveLength(1);
      expect(github.requests.filter({ route: REVOKE, status: 204 })).toHaveLength(1);
      expect(await events('github.token_minted')).toHaveLength(0);
      expect(await events('github.token_denied')).toMatchObject([
        { details: { reason: 'github_error', hashed_token: expect.stringMatching(SHA_256_IN_BASE64) } },
      ]);
    },
  );

  it.each([
    ['lacks permissions', { permissions: undefined }],
    ['has unreadable permissions', { permissions: null }],
    ['lacks repositories', { repositories: undefined }],
    ['has unreadable repositories', { repositories: [{ id: 'x' }] }],
  ])(
    'is refused and its token revoked if the response %s, because the app cannot compare it',
    async (_, given) => {
      github.knobs.alterNextAnswers(MINT, ({ json }) => ({ json: { ...(json as object), ...given } }));
      expect((await refusal(mint({ repositories: ['acme/api'] }))).code).toBe('github_error');
      expect(github.requests.filter({ route: REVOKE, status: 204 })).toHaveLength(1);
      expect(await events('github.token_minted')).toHaveLength(0);
    },
  );

  it('is refused when GitHub withholds a permission, because the token could not clone', async () => {
    github.knobs.set({ withholdPermissions: ['contents'] });
    expect((await refusal(mint())).code).toBe('github_error');
    expect(github.requests.filter({ route: REVOKE, status: 204 })).toHaveLength(1);
  });

  it('compares only the permissions of a token for all repositories', async () => {
    github.knobs.set({ widenRepositories: 'one_more' });
    expect(await mint()).not.toHaveProperty('repositories');
    github.knobs.set({ widenPermissions: { contents: 'write' } });
    expect((await refusal(mint())).code).toBe('github_error');
    expect(github.requests.filter({ route: REVOKE, status: 204 })).toHaveLength(1);
  });

  it('is refused when GitHub widens it for a bound key', async () => {
    const bound = await makeApiKeyActor(scene.actor.workspace, { repositoryIds: [scene.ids.api ?? 0] });
    for (const widenRepositories of ['one_more', 'all', 'unsaid', 'selection'] as const) {
      github.knobs.set({ widenRepositories });
      expect((await refusal(mint({}, bound))).code).toBe('github_error');
    }
    expect(github.requests.filter({ route: REVOKE, status: 204 })).toHaveLength(4);
  });
});

describe('a token that would live longer than an hour', () => {
  it('is revoked and not released, judged by GitHub’s clock and not by ours', async () => {
    for (const clockOffsetMs of [0, 5 * 60_000, -5 * 60_000]) {
      github.requests.clear();
      github.knobs.set({ clockOffsetMs, tokenLifetimeMs: 2 * 3_600_000 });
      expect((await refusal(mint())).code).toBe('github_error');
      expect(github.requests.filter({ route: REVOKE, status: 204 })).toHaveLength(1);
      github.knobs.set({ tokenLifetimeMs: 3_600_000 });
      await expect(mint()).resolves.toHaveProperty('token');
    }
    expect(await events('github.token_minted')).toHaveLength(3);
  });
});

describe('a token that is not released', () => {
  it('is revoked even if GitHub has not distributed it yet', async () => {
    github.knobs.set({ widenPermissions: { contents: 'write' }, replicationLagMs: 700 });
    await refusal(mint());
    expect(github.requests.filter({ route: REVOKE, status: 204 })).toHaveLength(1);
  });
});

describe('an installation', () => {
  it('returns the same 404 in another workspace as an installation that does not exist', async () => {
    const other = await makeWorkspace('owner');
    const ask = (installation_id: number) =>
      refusal(
        mintToken({
          workspaceId: other.id,
          actor: { ...scene.actor, workspace: other },
          origin: TEST_ORIGIN,
          request: { installation_id },
        }),
      );
    const [theirs, nobodys] = [await ask(scene.installationId), await ask(4_000_000)];
    expect([theirs.code, theirs.message]).toEqual([nobodys.code, nobodys.message]);
    expect(theirs.code).toBe('not_found');
  });

  it('must be connected first if the workspace has none, and named in the request if it has several', async () => {
    const other = await makeWorkspace('owner');
    const request = { workspaceId: other.id, actor: scene.actor, origin: TEST_ORIGIN, request: {} };
    expect((await refusal(mintToken(request))).code).toBe('not_connected');
    const [owner] = other.people;
    if (!owner) throw new Error('no owner');
    for (const account of ['initech', 'sam']) {
      const { id } = github.actions.install({ account, by: 'sam' });
      await github.flush();
      expect(await connect(world, { actor: owner, workspaceId: other.id, login: 'sam' }, id)).toBe(
        'connected',
      );
    }
    expect((await refusal(mintToken(request))).code).toBe('installation_ambiguous');
  });

  it('mints nothing once it was uninstalled, and GitHub is not asked', async () => {
    github.actions.uninstall({ installation: scene.installationId });
    await github.flush();
    github.requests.clear();
    expect((await refusal(mint())).code).toBe('installation_deleted');
    expect(github.requests.filter({ route: MINT })).toHaveLength(0);
  });

  it('is refused at the first mint after an uninstall that no webhook reported, and stays refused', async () => {
    github.knobs.set({ webhooks: { drop: 1 } });
    github.actions.uninstall({ installation: scene.installationId });
    await github.flush();
    expect(await refusal(mint())).toMatchObject({ code: 'github_unavailable', retryAfterSeconds: 5 });
    github.requests.clear();
    expect((await refusal(mint())).code).toBe('github_unavailable');
    await expect.poll(async () => (await refusal(mint())).code).toBe('installation_deleted');
    expect(github.requests.filter({ route: MINT })).toHaveLength(0);
  });

  it('survives a single 404 and mints at the next attempt', async () => {
    github.knobs.failNext(MINT, { kind: 'status', status: 404, message: 'Not Found' });
    expect((await refusal(mint())).code).toBe('github_unavailable');
    await expect(mint()).resolves.toHaveProperty('token');
  });

  it('mints nothing while it is suspended, with or without webhooks', async () => {
    github.knobs.set({ webhooks: { drop: 1 } });
    github.actions.suspend({ installation: scene.installationId });
    expect((await refusal(mint())).code).toBe('installation_suspended');
    expect((await refusal(mint())).code).toBe('installation_suspended');
    expect(github.requests.filter({ route: MINT })).toHaveLength(1);
    github.knobs.set({ webhooks: { drop: 0 } });
    github.actions.unsuspend({ installation: scene.installationId });
    await github.flush();
    await expect(mint()).resolves.toHaveProperty('token');
  });
});

describe('a mint that GitHub refuses for a repository that is no longer shared', () => {
  const stored = () => getDb().installation.findUniqueOrThrow({ where: { id: scene.installationId } });
  const synced = (minutesAgo: number) =>
    getDb().installation.update({
      where: { id: scene.installationId },
      data: { syncedAt: new Date(Date.now() - minutesAgo * 60_000) },
    });
  const refusedMint = async (syncSoon: (installationId: number) => void) => {
    const request = { repositories: ['acme/web'] };
    const { workspaceId, actor } = scene;
    return (await refusal(mintToken({ workspaceId, actor, origin: TEST_ORIGIN, request, syncSoon }))).code;
  };

  it('starts a sync immediately', async () => {
    await synced(1);
    github.knobs.set({ webhooks: { drop: 1 } });
    github.actions.removeRepositories({ installation: scene.installationId, repositories: ['acme/web'] });
    await github.flush();
    const syncs: Promise<void>[] = [];
    expect(await refusedMint((id) => void syncs.push(syncInBackground(id)))).toBe(
      'repository_not_accessible',
    );
    expect(syncs).toHaveLength(1);
    await Promise.all(syncs);
    expect((await stored()).syncRequestedAt).toBeNull();
    github.requests.clear();
    expect(await refusedMint(() => {})).toBe('repository_not_accessible');
    expect(github.requests.filter({ route: MINT })).toHaveLength(0);
  });

  it('starts a sync that the process finishes before it exits', async () => {
    await synced(1);
    github.knobs.set({ webhooks: { drop: 1 } });
    github.actions.removeRepositories({ installation: scene.installationId, repositories: ['acme/web'] });
    await github.flush();
    const { arrived, release } = github.knobs.holdNextAnswer('GET /installation/repositories');
    expect(await refusedMint(syncInBackground)).toBe('repository_not_accessible');
    let isOver = false;
    const over = backgroundWorkEnded().then(() => {
      isOver = true;
    });
    await arrived;
    expect(isOver).toBe(false);
    release();
    await over;
    expect((await stored()).syncRequestedAt).toBeNull();
  });

  it('starts only one sync, however often it is repeated, so that the sync can finish', async () => {
    await synced(1);
    const { revision } = await stored();
    github.knobs.failNext(MINT, { kind: 'refusal', name: 'repositories-not-accessible' }, 5);
    const asked: number[] = [];
    for (let n = 0; n < 5; n++) await refusedMint((id) => asked.push(id));
    expect(github.requests.filter({ route: MINT })).toHaveLength(5);
    expect(asked).toEqual([scene.installationId]);
    expect((await stored()).revision).toBe(revision + 1n);
  });

  it('starts no sync right after the last one, but requests one for the next reconcile pass', async () => {
    // Date the last sync in the future, so that the result does not depend on the machine's speed.
    await synced(-1);
    const before = await stored();
    github.knobs.failNext(MINT, { kind: 'refusal', name: 'repositories-not-accessible' });
    const asked: number[] = [];
    expect(await refusedMint((id) => asked.push(id))).toBe('repository_not_accessible');
    expect(asked).toEqual([]);
    expect(before.syncRequestedAt).toBeNull();
    expect((await stored()).syncRequestedAt).not.toBeNull();
  });
});

describe('credentials that belong to no App, or to another App', () => {
  it('make no installation look uninstalled', async () => {
    const { id, clientId } = github.app;
    // Change both ids, because the app tries the App id if GitHub rejects the client id as issuer.
    github.configureApp({ id: id + 1, clientId: 'Iv1.another' });
    try {
      expect((await refusal(mint())).code).toBe('github_error');
      expect(await syncInstallation(scene.installationId)).toBe('failed');
    } finally {
      github.configureApp({ id, clientId });
    }
    await expect(mint()).resolves.toHaveProperty('token');
  });
});

describe('a server that does not accept our App', () => {
  it('is not trusted when it answers that an installation is gone, such as a gateway or a wrong base URL', async () => {
    for (const route of [MINT, 'GET /app'])
      github.knobs.failNext(route, { kind: 'status', status: 404, message: 'no Route matched' });
    expect((await refusal(mint())).code).toBe('github_error');
    await expect(mint()).resolves.toHaveProperty('token');
  });
});

describe('a mint in progress', () => {
  it.each([
    [
      'disconnected',
      (id: number) => inTransaction((tx) => markDeleted(tx, id, TEST_CAUSE)),
      'installation_deleted',
    ],
    [
      'suspended',
      (id: number) => inTransaction((tx) => markSuspended(tx, id, TEST_CAUSE)),
      'installation_suspended',
    ],
  ] as const)(
    'releases no token when the installation is %s meanwhile, and revokes it',
    async (_, end, code) => {
      const minted = github.knobs.holdNextAnswer(MINT);
      const minting = refusal(mint());
      await minted.arrived;
      await end(scene.installationId);
      minted.release();
      expect((await minting).code).toBe(code);
      expect(github.requests.filter({ route: REVOKE, status: 204 })).toHaveLength(1);
      expect(await events('github.token_minted')).toHaveLength(0);
    },
  );
});

function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open: () => open(), opened };
}

describe('a mint that waits for its audit row', () => {
  it.each([
    ['disconnected', markDeleted, 'installation_deleted'],
    ['suspended', markSuspended, 'installation_suspended'],
  ] as const)(
    'releases no token if the installation is %s before the row is committed',
    async (_, end, code) => {
      const commit = gate();
      const holds = gate();
      const ending = inTransaction(async (tx) => {
        await end(tx, scene.installationId, TEST_CAUSE);
        holds.open();
        await commit.opened;
      });
      try {
        await holds.opened;
        const minting = refusal(mint());
        const waiting = () =>
          getDb().$queryRaw<unknown[]>`
            SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
              AND query LIKE 'INSERT INTO audit_events%'`;
        await expect.poll(waiting, { interval: 20 }).toHaveLength(1);
        commit.open();
        await ending;
        expect((await minting).code).toBe(code);
        expect(github.requests.filter({ route: REVOKE, status: 204 })).toHaveLength(1);
        expect(await events('github.token_minted')).toHaveLength(0);
        expect(await verifyAuditChain(scene.workspaceId)).toMatchObject({ ok: true });
      } finally {
        commit.open();
      }
    },
  );
});

describe('when GitHub misbehaves', () => {
  it.each([
    ['500', { kind: 'status', status: 500 }, 'github_unavailable'],
    ['502', { kind: 'status', status: 502 }, 'github_unavailable'],
    ['a response that never comes', { kind: 'hang' }, 'github_unavailable'],
    ['a cut connection', { kind: 'cut' }, 'github_unavailable'],
    ['a response lost after the mint', { kind: 'cut', afterEffect: true }, 'github_unavailable'],
    ['HTML with status 200', { kind: 'html', status: 200 }, 'github_error'],
    ['HTML with status 502', { kind: 'html', status: 502 }, 'github_unavailable'],
  ] as const)('does not retry after %s, but returns an error and records it', async (_, fault, code) => {
    github.knobs.failNext(MINT, fault);
    const problem = await refusal(mint());
    expect(problem.code).toBe(code);
    expect(problem.retryAfterSeconds).toBeGreaterThan(0);
    expect(github.requests.filter({ route: MINT })).toHaveLength(1);
    expect((await events('github.token_denied'))[0]?.details).toMatchObject({ reason: code });
    await expect(mint()).resolves.toHaveProperty('token');
  });

  it.each([
    ['secondary', { kind: 'secondary-rate-limit', retryAfterSeconds: 17 }],
    ['primary', { kind: 'primary-rate-limit', resetInSeconds: 17 }],
  ] as const)(
    'passes a %s rate limit on to the caller, and sends GitHub nothing until the limit ends',
    async (_, fault) => {
      // The wait must not depend on clock skew between GitHub and the app.
      github.knobs.set({ clockOffsetMs: 300_000 });
      await mint();
      github.requests.clear();
      github.knobs.failNext(MINT, fault);
      for (let n = 0; n < 3; n++) {
        const problem = await refusal(mint());
        expect(problem.code).toBe('github_unavailable');
        expect(problem.retryAfterSeconds).toBeGreaterThan(12);
        expect(problem.retryAfterSeconds).toBeLessThanOrEqual(18);
      }
      expect(github.requests.filter({ route: MINT })).toHaveLength(1);
      expect(await events('github.token_denied')).toHaveLength(3);
    },
  );

  it('stops sending requests while GitHub is down, and resumes by itself', async () => {
    github.knobs.failNext(MINT, { kind: 'status', status: 503 }, 1000);
    for (let n = 0; n < 10; n++) {
      const problem = await refusal(mint());
      expect([problem.code, (problem.retryAfterSeconds ?? 0) > 0]).toEqual(['github_unavailable', true]);
    }
    expect(github.requests.filter({ route: MINT })).toHaveLength(5);
    github.knobs.reset();
    await expect.poll(() => mint().catch(() => null), { interval: 200 }).not.toBeNull();
  });

  it('leaks no connection in 200 failing mints', async () => {
    const sockets = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
    const quick = [
      [{ kind: 'status', status: 500 }, 'github_unavailable'],
      [{ kind: 'cut' }, 'github_unavailable'],
      [{ kind: 'html', status: 200 }, 'github_error'],
      [{ kind: 'html', status: 502 }, 'github_unavailable'],
    ] as const;
    const hang = [{ kind: 'hang' }, 'github_unavailable'] as const;
    await mint();
    const before = sockets();
    github.requests.clear();
    for (let round = 0; round < 50; round++) {
      const [fault, code] = (round % 25 === 0 ? hang : quick[round % quick.length]) ?? hang;
      // Let only four calls fail at a time, because the circuit opens after five failures.
      forgetGitHub();
      github.knobs.failNext(MINT, fault, 4);
      const codes = await Promise.all(Array.from({ length: 4 }, async () => (await refusal(mint())).code));
      expect([fault, codes]).toEqual([fault, [code, code, code, code]]);
    }
    expect(github.requests.filter({ route: MINT })).toHaveLength(200);
    // Both ends of each connection are in this process. Idle connections close after a few seconds, but a leaked
    // connection stays open.
    await expect.poll(sockets, { interval: 500 }).toBeLessThanOrEqual(before);
  }, 120_000);

  it('still works when GitHub’s clock is five minutes off', async () => {
    for (const clockOffsetMs of [5 * 60_000, -5 * 60_000, 0]) {
      github.knobs.set({ clockOffsetMs });
      await expect(mint()).resolves.toHaveProperty('token');
      await expect(mint()).resolves.toHaveProperty('token');
    }
  });

  it('still works when an older server reports the clock in words that Octokit does not recognise', async () => {
    github.knobs.set({ clockOffsetMs: -5 * 60_000 });
    github.knobs.failNext(MINT, { kind: 'refusal', name: 'app-clock-older' });
    await expect(mint()).resolves.toHaveProperty('token');
    expect(github.requests.filter({ route: MINT }).map(({ status }) => status)).toEqual([401, 201]);
  });
});

describe('without its audit row', () => {
  it('releases no token, revokes it at GitHub, and answers 503', async () => {
    const owner = new pg.Client(world.environment.OWNER_DATABASE_URL);
    await owner.connect();
    try {
      await owner.query(
        "ALTER TABLE audit_events ADD CONSTRAINT broken CHECK (type <> 'github.token_minted') NOT VALID",
      );
      const problem = await refusal(mint());
      expect(problem.code).toBe('audit_unavailable');
      const [minted] = github.requests.filter({ route: MINT, status: 201 });
      const [revoked] = github.requests.filter({ route: REVOKE, status: 204 });
      expect(minted).toBeDefined();
      expect(revoked).toBeDefined();
      // The caller doesn't wait for this row. If the database can store it, it explains the token in GitHub's log.
      await expect
        .poll(() => events('github.token_denied'))
        .toMatchObject([{ details: { reason: 'audit_unavailable', hashed_token: expect.any(String) } }]);
    } finally {
      await owner.query('ALTER TABLE audit_events DROP CONSTRAINT broken');
      await owner.end();
    }
    await sleep(10);
    await expect(mint()).resolves.toHaveProperty('token');
  });
});
