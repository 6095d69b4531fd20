import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { makeWorkspace, readAudit, TEST_ORIGIN } from '../auth/test-fixtures';
import { getConfig, replaceConfig } from '../config';
import { getDb, inTransaction } from '../db/client';
import { authorize, connect, startTestWorld, TEST_BROWSER } from '../testing/test-world';
import { handleCallback, handleSetup, startConnect } from './flow';
import { bindChosenInstallation } from './link';

const world = await startTestWorld();
const { github } = world;

async function person(login: string) {
  const { id: workspaceId, slug, people } = await makeWorkspace('admin');
  const [actor] = people;
  if (!actor) throw new Error('no admin');
  return { workspaceId, slug, actor, login };
}

function workspaceOf(installationId: number) {
  return getDb()
    .installation.findUnique({ where: { id: installationId } })
    .then((row) => row?.workspaceId ?? null);
}

/** Counts the user tokens issued by GitHub that have not been revoked. */
function userTokensNotRevoked(): number {
  const exchanged = github.requests.filter({
    method: 'POST',
    path: '/login/oauth/access_token',
    status: 200,
  });
  const revoked = github.requests.filter({ route: 'DELETE /applications/{client_id}/token', status: 204 });
  return exchanged.length - revoked.length;
}

beforeEach(async () => {
  for (const { id } of [...github.state.installations.values()])
    github.actions.uninstall({ installation: id });
  await github.flush();
  github.knobs.reset();
  github.requests.clear();
});

describe('a connect flow', () => {
  it('binds an installation that an organization’s owner has just created, and lists its repositories', async () => {
    const olivia = await person('olivia');
    const { id } = github.actions.install({
      account: 'acme',
      by: 'olivia',
      repositories: ['acme/api', 'acme/web'],
    });
    await github.flush();
    expect(await connect(world, olivia, id)).toBe('connected');
    expect(await workspaceOf(id)).toBe(olivia.workspaceId);
    // The callback does not wait long for the first sync, so wait here until that sync has ended.
    const requestedAt = async () =>
      (await getDb().installation.findUniqueOrThrow({ where: { id } })).syncRequestedAt;
    await expect.poll(requestedAt).toBeNull();
    const names = await getDb().repository.findMany({
      where: { installationId: id, removedAt: null },
      orderBy: { name: 'asc' },
    });
    expect(names.map(({ owner, name }) => `${owner}/${name}`)).toEqual(['acme/api', 'acme/web']);
    const types = (await readAudit(olivia.workspaceId)).map(({ type }) => type);
    expect(types).toEqual([
      'github.connect_started',
      'github.installation_bound',
      'github.token_minted',
      'github.repositories_added',
    ]);
    expect(userTokensNotRevoked()).toBe(0);
  });

  it('binds a personal account to its own user', async () => {
    const sam = await person('sam');
    const { id } = github.actions.install({ account: 'sam', by: 'sam' });
    expect(await connect(world, sam, id)).toBe('connected');
    const [bound] = (await readAudit(sam.workspaceId)).filter(
      ({ type }) => type === 'github.installation_bound',
    );
    expect(bound?.details).toMatchObject({ proof: 'own_account' });
  });

  it('binds another owner’s installation for an owner who administers all of it', async () => {
    const olivia = await person('olivia');
    const { id } = github.actions.install({ account: 'acme', by: 'sam' });
    await github.flush();
    expect(await connect(world, olivia, id)).toBe('connected');
    const [bound] = (await readAudit(olivia.workspaceId)).filter(
      ({ type }) => type === 'github.installation_bound',
    );
    expect(bound?.details).toMatchObject({ proof: 'administers_all_repositories' });
  });

  it('binds nothing for a member who requested it, even after an owner’s approval', async () => {
    const mona = await person('mona');
    const request = github.actions.requestInstallation({ account: 'acme', by: 'mona' });
    const { id } = github.actions.approveRequest({ requestId: request.requestId, by: 'olivia' });
    await github.flush();
    expect(await connect(world, mona, id)).toBe('not_your_installation');
    expect(await workspaceOf(id)).toBeNull();
  });

  it('waits for a webhook that arrives after the browser', async () => {
    const olivia = await person('olivia');
    github.knobs.set({ webhooks: { delayMs: 600 } });
    const { id } = github.actions.install({ account: 'acme', by: 'olivia', repositories: [] });
    expect(await connect(world, olivia, id)).toBe('connected');
  });
});

describe('a forged installation id', () => {
  it.each([
    ['a read-only member', 'mona'],
    ['an admin of only one of several repositories', 'rahul'],
    ['a stranger', 'eve'],
  ])('binds nothing for %s, says why, and revokes the user’s token', async (_, login) => {
    const attacker = await person(login);
    const { id } = github.actions.install({ account: 'acme', by: 'olivia' });
    await github.flush();
    expect(await connect(world, attacker, id)).toBe('not_your_installation');
    expect(await workspaceOf(id)).toBeNull();
    const refused = (await readAudit(attacker.workspaceId)).filter(
      ({ type }) => type === 'github.bind_refused',
    );
    expect(refused).toHaveLength(1);
    expect(refused[0]?.details).toEqual({
      reason: 'not_your_installation',
      installation_id: id,
      github_login: login,
    });
    expect(userTokensNotRevoked()).toBe(0);
  });

  it('refuses the admin of every visible repository when the installation shares hidden ones', async () => {
    const rahul = await person('rahul');
    const { id } = github.actions.install({
      account: 'acme',
      by: 'olivia',
      repositories: ['acme/api', 'acme/web'],
    });
    await github.flush();
    expect(await connect(world, rahul, id)).toBe('not_your_installation');
  });

  it('refuses an id with the same response and log whether it exists, has ended or never existed', async () => {
    const eve = await person('eve');
    const ended = github.actions.install({ account: 'acme', by: 'olivia' });
    github.actions.uninstall({ installation: ended.id });
    const { id } = github.actions.install({ account: 'acme', by: 'olivia' });
    await github.flush();
    for (const claimed of [id, ended.id, 99_999_999])
      expect(await connect(world, eve, claimed)).toBe('not_your_installation');
    const refused = (await readAudit(eve.workspaceId)).filter(({ type }) => type === 'github.bind_refused');
    expect(refused.map(({ details }) => (details as { reason: string }).reason)).toEqual(
      Array.from({ length: 3 }, () => 'not_your_installation'),
    );
    expect(userTokensNotRevoked()).toBe(0);
  });

  it('tells the installer that the installation has ended, before and after the webhook arrives', async () => {
    const olivia = await person('olivia');
    const { id } = github.actions.install({ account: 'acme', by: 'olivia' });
    await github.flush();
    github.actions.uninstall({ installation: id });
    expect(await connect(world, olivia, id)).toBe('installation_not_found');
    await github.flush();
    expect(await connect(world, olivia, id)).toBe('installation_not_found');
  });

  it('refuses an installation that is bound elsewhere even to its owner, and does not name the other workspace', async () => {
    const first = await person('olivia');
    const second = await person('olivia');
    const { id } = github.actions.install({ account: 'acme', by: 'olivia' });
    await github.flush();
    expect(await connect(world, first, id)).toBe('connected');
    expect(await connect(world, second, id)).toBe('already_connected_elsewhere');
    expect(await workspaceOf(id)).toBe(first.workspaceId);
    const told = JSON.stringify(await readAudit(second.workspaceId));
    expect(told).not.toContain(first.workspaceId);
    expect(told).not.toContain(first.slug);
  });
});

describe('a proof of ownership', () => {
  const mints = () =>
    github.requests.filter({ route: 'POST /app/installations/{installation_id}/access_tokens' });

  it('mints no token for another workspace’s installation, whose log would not show it', async () => {
    const owner = await person('olivia');
    // Rahul administers every shared repository, but did not install the App.
    const { id } = github.actions.install({ account: 'acme', by: 'olivia', repositories: ['acme/api'] });
    await github.flush();
    expect(await connect(world, owner, id)).toBe('connected');
    github.requests.clear();
    const rahul = await person('rahul');
    expect(await connect(world, rahul, id)).toBe('not_your_installation');
    expect(await connect(world, rahul)).toBe('nothing_to_link');
    expect(mints()).toHaveLength(0);
  });

  it('mints no token for an installation that was disconnected here and still exists on GitHub', async () => {
    const { id } = github.actions.install({ account: 'acme', by: 'olivia', repositories: ['acme/api'] });
    await github.flush();
    await getDb().installation.update({ where: { id }, data: { status: 'deleted', deletedAt: new Date() } });
    github.requests.clear();
    expect(await connect(world, await person('rahul'), id)).toBe('not_your_installation');
    expect(await connect(world, await person('olivia'), id)).toBe('installation_not_found');
    expect(mints()).toHaveLength(0);
  });

  it('revokes a proof’s token unused if another workspace connects the installation in the meantime', async () => {
    const owner = await person('olivia');
    const rahul = await person('rahul');
    const { id } = github.actions.install({ account: 'acme', by: 'olivia', repositories: ['acme/api'] });
    await github.flush();
    const held = github.knobs.holdNextAnswer('POST /app/installations/{installation_id}/access_tokens');
    const proving = connect(world, rahul, id);
    await held.arrived;
    await getDb().installation.update({ where: { id }, data: { workspaceId: owner.workspaceId } });
    held.release();
    expect(await proving).toBe('not_your_installation');
    expect(github.requests.filter({ route: 'GET /installation/repositories' })).toHaveLength(0);
    expect(github.requests.filter({ route: 'DELETE /installation/token', status: 204 })).toHaveLength(1);
    expect((await readAudit(rahul.workspaceId)).map(({ type }) => type)).not.toContain('github.token_minted');
  });
});

describe('an admin who is being removed', () => {
  it('binds nothing for an admin whose removal commits while the bind waits', async () => {
    const olivia = await person('olivia');
    const { id } = github.actions.install({ account: 'acme', by: 'olivia' });
    await github.flush();
    const { workspaceId } = olivia;
    const key = { workspaceId_userId: { workspaceId, userId: olivia.actor.id } };
    // Let the attempt start first, because it writes an audit row, and the removal below locks the workspace's audit
    // chain.
    const asked = github.knobs.holdNextAnswer('GET /user');
    const outcome = connect(world, olivia, id);
    await asked.arrived;
    await inTransaction(async (tx) => {
      await tx.membership.delete({ where: key });
      asked.release();
      const waiting = () =>
        getDb().$queryRaw<unknown[]>`
          SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
            AND query LIKE '%FROM memberships%'`;
      // This timeout must be shorter than the transaction's.
      await expect.poll(waiting, { interval: 20 }).toHaveLength(1);
    });
    expect(await outcome).toBe('not_admin');
    expect(await workspaceOf(id)).toBeNull();
    expect((await readAudit(workspaceId)).at(-1)).toMatchObject({
      type: 'github.bind_refused',
      details: { reason: 'not_admin', installation_id: id },
    });
  });
});

describe('two workspaces concurrently', () => {
  it('binds an installation for exactly one of two concurrent workspaces', async () => {
    const rivals = await Promise.all(Array.from({ length: 6 }, () => person('olivia')));
    const { id } = github.actions.install({ account: 'acme', by: 'olivia' });
    await github.flush();
    const outcomes = await Promise.all(rivals.map((rival) => connect(world, rival, id)));
    expect(outcomes.filter((outcome) => outcome === 'connected')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'already_connected_elsewhere')).toHaveLength(5);
    const winner = rivals[outcomes.indexOf('connected')];
    expect(await workspaceOf(id)).toBe(winner?.workspaceId);
  });
});

describe('“Link it”', () => {
  it('binds the only installation that the user proves to own', async () => {
    const eve = await person('eve');
    const { id } = github.actions.install({ account: 'globex', by: 'eve' });
    await github.flush();
    expect(await connect(world, eve)).toBe('connected');
    expect(await workspaceOf(id)).toBe(eve.workspaceId);
  });

  it('finds nothing for a read-only member, although GitHub lists the installation', async () => {
    const mona = await person('mona');
    github.actions.install({ account: 'acme', by: 'olivia' });
    await github.flush();
    expect(await connect(world, mona)).toBe('nothing_to_link');
  });

  it('lets the user choose once among several, and only among proven installations', async () => {
    const sam = await person('sam');
    const acme = github.actions.install({ account: 'acme', by: 'sam' });
    const initech = github.actions.install({ account: 'initech', by: 'sam' });
    const globex = github.actions.install({ account: 'globex', by: 'eve' });
    await github.flush();
    expect(await connect(world, sam)).toBe('choose_installation');
    const attempt = await getDb().connectAttempt.findFirstOrThrow({
      where: { workspaceId: sam.workspaceId },
    });
    expect(attempt.provenInstallationIds.map(Number).sort()).toEqual([acme.id, initech.id].sort());
    const choose = (installationId: number, actor = sam.actor) =>
      bindChosenInstallation({
        attemptId: attempt.id,
        installationId,
        workspaceId: sam.workspaceId,
        actor,
        origin: TEST_ORIGIN,
      });
    expect(await choose(globex.id)).toBe('not_your_installation');
    const stranger = await person('eve');
    expect(await choose(initech.id, stranger.actor)).toBe('expired');
    expect(await choose(initech.id)).toBe('connected');
    expect(await choose(acme.id)).toBe('expired');
    expect(await workspaceOf(acme.id)).toBeNull();
  });
});

describe('a connect attempt', () => {
  async function begun(login: string) {
    const one = await person(login);
    const url = await startConnect({
      browser: TEST_BROWSER,
      workspaceId: one.workspaceId,
      actor: one.actor,
      origin: TEST_ORIGIN,
      intent: 'link',
    });
    return { ...one, url, state: new URL(url).searchParams.get('state') ?? '' };
  }

  it('consumes an attempt once when two callbacks have the same state', async () => {
    github.actions.install({ account: 'globex', by: 'eve' });
    await github.flush();
    const eve = await begun('eve');
    const answer = await authorize(github, 'eve', eve.url);
    const again = await authorize(github, 'eve', eve.url);
    const pages = await Promise.all(
      [answer, again].map((each) => handleCallback(each, eve.actor, TEST_ORIGIN, TEST_BROWSER)),
    );
    expect(pages.map((page) => new URLSearchParams(page.split('?')[1]).get('notice')).sort()).toEqual([
      'already_used',
      'connected',
    ]);
  });

  it('finishes an attempt that began before NEXTAUTH_SECRET was rotated', async () => {
    github.actions.install({ account: 'globex', by: 'eve' });
    await github.flush();
    const eve = await begun('eve');
    const config = getConfig();
    const secret = randomUUID();
    const auth = { ...config.auth, secret, secrets: [secret, config.auth.secret] };
    try {
      replaceConfig({ ...config, auth });
      const answer = await authorize(github, 'eve', eve.url);
      const page = await handleCallback(answer, eve.actor, TEST_ORIGIN, TEST_BROWSER);
      expect(new URLSearchParams(page.split('?')[1]).get('notice')).toBe('connected');
    } finally {
      replaceConfig(config);
    }
  });

  it('accepts an attempt only from the user who began it, not even from another admin of the workspace', async () => {
    const eve = await begun('eve');
    const other = await person('eve');
    const answer = await authorize(github, 'eve', eve.url);
    expect(await handleCallback(answer, other.actor, TEST_ORIGIN, TEST_BROWSER)).toBe(
      '/connect/github?notice=other_user',
    );
    expect(
      await handleSetup(
        { installationId: 1, setupAction: 'install', state: eve.state },
        other.actor,
        TEST_ORIGIN,
        TEST_BROWSER,
      ),
    ).toBe('/connect/github?notice=other_user');
  });

  it('expires an attempt without exchanging the code', async () => {
    const eve = await begun('eve');
    await getDb().connectAttempt.updateMany({
      where: { workspaceId: eve.workspaceId },
      data: { expiresAt: new Date(Date.now() - 1000) },
    });
    const answer = await authorize(github, 'eve', eve.url);
    expect(await handleCallback(answer, eve.actor, TEST_ORIGIN, TEST_BROWSER)).toContain('notice=expired');
    expect(github.requests.filter({ path: '/login/oauth/access_token' })).toHaveLength(0);
  });

  it('refuses an attempt if the user’s role was revoked in the meantime', async () => {
    const eve = await begun('eve');
    const answer = await authorize(github, 'eve', eve.url);
    await getDb().membership.updateMany({
      where: { workspaceId: eve.workspaceId },
      data: { role: 'member' },
    });
    expect(await handleCallback(answer, eve.actor, TEST_ORIGIN, TEST_BROWSER)).toContain('notice=not_admin');
    expect(github.requests.filter({ path: '/login/oauth/access_token' })).toHaveLength(0);
  });

  it('stops an attempt at every step after the role was revoked', async () => {
    const eve = await begun('eve');
    const attempts = () => getDb().connectAttempt.findMany({ where: { workspaceId: eve.workspaceId } });
    await getDb().membership.updateMany({
      where: { workspaceId: eve.workspaceId },
      data: { role: 'member' },
    });
    for (const status of ['started', 'awaiting_approval'] as const) {
      await getDb().connectAttempt.updateMany({
        where: { workspaceId: eve.workspaceId },
        data: { status },
      });
      const before = await attempts();
      for (const setupAction of ['install', 'request', 'update'] as const) {
        const installationId = setupAction === 'request' ? undefined : 1;
        const redirect = { installationId, setupAction, state: eve.state };
        expect(await handleSetup(redirect, eve.actor, TEST_ORIGIN, TEST_BROWSER)).toBe(
          `/w/${eve.slug}/settings/github?notice=not_admin`,
        );
      }
      expect(await attempts()).toEqual(before);
    }
  });

  it('ends an attempt on a page that says why if the user cancels, the code is forged or GitHub is down', async () => {
    const ends: [Record<string, string | undefined>, string][] = [
      [{ error: 'access_denied' }, 'access_denied'],
      [{ code: 'forged' }, 'authorization_failed'],
      [{}, 'authorization_failed'],
    ];
    for (const [answer, outcome] of ends) {
      const { state, actor } = await begun('eve');
      const callback = { code: answer.code, error: answer.error, state };
      expect(await handleCallback(callback, actor, TEST_ORIGIN, TEST_BROWSER)).toContain(`notice=${outcome}`);
    }
    github.requests.clear();
    const eve = await begun('eve');
    const answer = await authorize(github, 'eve', eve.url);
    github.knobs.failNext('GET /user', { kind: 'status', status: 502 });
    expect(await handleCallback(answer, eve.actor, TEST_ORIGIN, TEST_BROWSER)).toContain(
      'notice=github_unavailable',
    );
    expect(userTokensNotRevoked()).toBe(0);
  });

  it('redirects an unknown or missing state to a page that says so', async () => {
    const { actor } = await person('eve');
    for (const state of [undefined, 'x', 'A'.repeat(43)])
      expect(
        await handleCallback({ code: 'c', state, error: undefined }, actor, TEST_ORIGIN, TEST_BROWSER),
      ).toBe('/connect/github?notice=unknown_attempt');
  });

  it('makes an attempt wait if an owner must approve it', async () => {
    const mona = await begun('mona');
    const request = { installationId: undefined, setupAction: 'request', state: mona.state } as const;
    expect(await handleSetup(request, mona.actor, TEST_ORIGIN, TEST_BROWSER)).toContain(
      'notice=awaiting_approval',
    );
    expect(await handleSetup(request, mona.actor, TEST_ORIGIN, TEST_BROWSER)).toContain(
      'notice=awaiting_approval',
    );
    const asked = (await readAudit(mona.workspaceId)).filter(
      ({ type }) => type === 'github.approval_requested',
    );
    expect(asked).toHaveLength(1);
  });

  it('keeps no state, code or token in the database', async () => {
    github.actions.install({ account: 'globex', by: 'eve' });
    await github.flush();
    const eve = await begun('eve');
    const answer = await authorize(github, 'eve', eve.url);
    await handleCallback(answer, eve.actor, TEST_ORIGIN, TEST_BROWSER);
    const rows = await getDb().$queryRaw<{ text: string }[]>`SELECT a::text AS text FROM connect_attempts a`;
    for (const { text } of rows) {
      expect(text).not.toContain(eve.state);
      expect(text).not.toContain(answer.code);
      expect(text).not.toMatch(/gh[su]_/);
    }
  });
});

describe('a callback in a browser that did not begin the attempt', () => {
  async function prove(login: string, candidate: number | undefined, browser: string | null) {
    const one = await person(login);
    const { workspaceId, actor } = one;
    const begin = { workspaceId, actor, origin: TEST_ORIGIN, browser: TEST_BROWSER } as const;
    const url = await startConnect({ ...begin, intent: 'link', candidateInstallationId: candidate });
    const page = await handleCallback(await authorize(github, login, url), actor, TEST_ORIGIN, browser);
    const query = new URLSearchParams(page.split('?')[1]);
    return { ...one, page, outcome: query.get('notice'), attemptId: query.get('attempt') ?? '' };
  }

  it.each([
    ['whose installation is named', true, 'another-browser'],
    ['that links an existing installation', false, 'another-browser'],
    ['without a cookie', true, null],
  ])('%s binds nothing until the user confirms', async (_, isNamed, browser) => {
    const { id } = github.actions.install({ account: 'globex', by: 'eve' });
    await github.flush();
    const eve = await prove('eve', isNamed ? id : undefined, browser);
    expect(eve.outcome).toBe('confirm_installation');
    expect(await workspaceOf(id)).toBeNull();
    const { attemptId, workspaceId, actor } = eve;
    const confirm = { attemptId, installationId: id, workspaceId, actor, origin: TEST_ORIGIN };
    expect(await bindChosenInstallation(confirm)).toBe('connected');
    expect(await workspaceOf(id)).toBe(workspaceId);
    expect(await bindChosenInstallation(confirm)).toBe('expired');
    const bound = (await readAudit(workspaceId)).find(({ type }) => type === 'github.installation_bound');
    expect(bound?.details).toMatchObject({ github_user: { id: 20004, login: 'eve' } });
  });

  it('requires confirmation for an attempt that was created before browser keys existed', async () => {
    const { id } = github.actions.install({ account: 'globex', by: 'eve' });
    await github.flush();
    const { workspaceId, actor } = await person('eve');
    const begin = { workspaceId, actor, origin: TEST_ORIGIN, browser: TEST_BROWSER } as const;
    const url = await startConnect({ ...begin, intent: 'link', candidateInstallationId: id });
    await getDb().connectAttempt.updateMany({ where: { workspaceId }, data: { browserDigest: null } });
    const page = await handleCallback(await authorize(github, 'eve', url), actor, TEST_ORIGIN, TEST_BROWSER);
    expect(new URLSearchParams(page.split('?')[1]).get('notice')).toBe('confirm_installation');
    expect(await workspaceOf(id)).toBeNull();
  });

  it('lets only the user who began an attempt confirm it', async () => {
    const { id } = github.actions.install({ account: 'globex', by: 'eve' });
    await github.flush();
    const { attemptId, workspaceId } = await prove('eve', id, null);
    const other = await person('eve');
    for (const where of [workspaceId, other.workspaceId]) {
      const confirm = { attemptId, installationId: id, workspaceId: where, actor: other.actor };
      expect(await bindChosenInstallation({ ...confirm, origin: TEST_ORIGIN })).toBe('expired');
    }
    expect(await workspaceOf(id)).toBeNull();
  });

  it('stores the browser’s key as a digest only', async () => {
    const { page } = await prove('eve', undefined, null);
    expect(page).not.toContain(TEST_BROWSER);
    const rows = await getDb().$queryRaw<{ text: string }[]>`SELECT a::text AS text FROM connect_attempts a`;
    expect(JSON.stringify(rows)).not.toContain(TEST_BROWSER);
  });
});
