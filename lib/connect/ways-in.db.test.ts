import { createHash } from 'node:crypto';
import pg from 'pg';
import { beforeEach, describe, expect, it } from 'vitest';
import type { UserActor } from '../actor';
import { makeWorkspace, readAudit, TEST_ORIGIN } from '../auth/test-fixtures';
import { getDb } from '../db/client';
import { listInstallations } from '../installation/list';
import { reconcile } from '../sync/reconcile';
import { clearWorld, connectedScene, newPerson, storedInstallation } from '../testing/test-scene';
import { authorize, connect, startTestWorld, TEST_BROWSER } from '../testing/test-world';
import { dismissApproval, listPendingApprovals } from './approvals';
import { handleCallback, handleSetup, signedOutPage, startConnect } from './flow';

// Limits how long the app waits for a single call when GitHub hangs.
const world = await startTestWorld({ GITHUB_TIMEOUT_MS: '10000' });
const { github } = world;
const WEBHOOK_URL = github.app.webhookUrl ?? '';
const MONA = 20002;

type Person = Awaited<ReturnType<typeof newPerson>>;

beforeEach(async () => {
  github.configureApp({ webhookUrl: WEBHOOK_URL });
  await clearWorld(world);
  await getDb().identity.deleteMany();
  for (const { id } of [...github.state.installationRequests.values()])
    github.actions.denyRequest({ requestId: id });
});

const outcomeOf = (page: string) => new URLSearchParams(page.split('?')[1]).get('notice');

async function begin(
  { workspaceId, actor }: Person,
  intent: 'install' | 'link' = 'install',
  candidate?: number,
) {
  const url = await startConnect({
    browser: TEST_BROWSER,
    workspaceId,
    actor,
    origin: TEST_ORIGIN,
    intent,
    candidateInstallationId: candidate,
  });
  return { url, state: new URL(url).searchParams.get('state') ?? '' };
}

/** Requests an owner's approval on GitHub's install page, then follows GitHub's redirect back. */
async function askOwner(person: Person, account = 'acme'): Promise<{ requestId: number; state: string }> {
  const { state } = await begin(person);
  const { requestId } = github.actions.requestInstallation({ account, by: person.login });
  const page = await handleSetup(
    { installationId: undefined, setupAction: 'request', state },
    person.actor,
    TEST_ORIGIN,
    TEST_BROWSER,
  );
  expect(outcomeOf(page)).toBe('awaiting_approval');
  return { requestId, state };
}

const signsInWithGitHub = (actor: UserActor, id: number) =>
  getDb().identity.create({ data: { userId: actor.id, provider: 'github', providerAccountId: String(id) } });

/** Finishes an approval with one click, which starts a new attempt for the approved installation. */
async function finish(person: Person, candidate: number | null): Promise<string | null> {
  const { url } = await begin(person, 'link', candidate ?? undefined);
  const page = await handleCallback(
    await authorize(github, person.login, url),
    person.actor,
    TEST_ORIGIN,
    TEST_BROWSER,
  );
  return outcomeOf(page);
}

describe('a request that an owner approves days later', () => {
  it('appears in the workspace, where an owner finishes it with one click and the requester cannot', async () => {
    const mona = await newPerson('mona');
    await signsInWithGitHub(mona.actor, MONA);
    const { requestId } = await askOwner(mona);
    expect(await listPendingApprovals(mona.workspaceId)).toEqual([
      {
        attempt_id: expect.any(String),
        account_login: 'acme',
        requested_by: mona.actor.label,
        requested_at: expect.any(String),
        approved_installation_id: null,
      },
    ]);
    const { id } = github.actions.approveRequest({ requestId, by: 'olivia' });
    await github.flush();
    const [approved] = await listPendingApprovals(mona.workspaceId);
    expect(approved).toMatchObject({ approved_installation_id: id });
    expect(await finish(mona, id)).toBe('not_your_installation');
    expect(await finish({ ...mona, login: 'olivia' }, id)).toBe('connected');
    expect(await listPendingApprovals(mona.workspaceId)).toEqual([]);
  });

  it('shows no account name if the requester does not sign in with GitHub, because the request may be another’s', async () => {
    const mona = await newPerson('mona');
    const { requestId } = await askOwner(mona);
    const { id } = github.actions.approveRequest({ requestId, by: 'olivia' });
    await github.flush();
    expect(await listPendingApprovals(mona.workspaceId)).toMatchObject([
      { account_login: null, approved_installation_id: id },
    ]);
  });

  it('is found even if the webhook that names the requester was lost', async () => {
    const mona = await newPerson('mona');
    const { requestId } = await askOwner(mona);
    github.knobs.set({ webhooks: { drop: 1 } });
    const { id } = github.actions.approveRequest({ requestId, by: 'olivia' });
    await reconcile();
    expect(await listPendingApprovals(mona.workspaceId)).toMatchObject([{ approved_installation_id: id }]);
    await github.flush();
    expect(await finish({ ...mona, login: 'olivia' }, id)).toBe('connected');
  });

  it('stays unnamed if two users sent requests concurrently, and “Link it” still finishes it', async () => {
    const [mona, rahul] = [await newPerson('mona'), await newPerson('rahul')];
    github.actions.createOrganization({ login: 'hooli', owner: 'olivia' });
    github.actions.setMembership({ organization: 'hooli', login: 'rahul', role: 'member' });
    const theirs = github.actions.requestInstallation({ account: 'hooli', by: 'rahul' });
    const { requestId } = await askOwner(mona);
    github.actions.approveRequest({ requestId, by: 'olivia' });
    github.actions.approveRequest({ requestId: theirs.requestId, by: 'olivia' });
    await github.flush();
    expect(await listPendingApprovals(mona.workspaceId)).toMatchObject([
      { account_login: null, approved_installation_id: null },
    ]);
    // Olivia now administers two installations. The attempt's candidate decides which of the two is connected.
    const acme = github.state.installationOf(github.state.account(30001));
    expect(await finish({ ...mona, login: 'olivia' }, acme?.id ?? null)).toBe('connected');
    expect(await listPendingApprovals(mona.workspaceId)).toEqual([]);
    expect(await listPendingApprovals(rahul.workspaceId)).toEqual([]);
  });

  it('refuses another user even if a hint made the page offer the installation to them', async () => {
    const eve = await newPerson('eve');
    const { state } = await begin(eve);
    const { requestId } = github.actions.requestInstallation({ account: 'acme', by: 'mona' });
    await handleSetup(
      { installationId: undefined, setupAction: 'request', state },
      eve.actor,
      TEST_ORIGIN,
      TEST_BROWSER,
    );
    const { id } = github.actions.approveRequest({ requestId, by: 'olivia' });
    await github.flush();
    expect(await finish(eve, id)).toBe('not_your_installation');
    expect((await storedInstallation(id)).workspaceId).toBeNull();
  });

  it('ends for everybody in the workspace once an owner has connected it', async () => {
    const mona = await newPerson('mona');
    const { requestId } = await askOwner(mona);
    const { id } = github.actions.approveRequest({ requestId, by: 'olivia' });
    await github.flush();
    expect(await connect(world, { ...mona, login: 'olivia' }, id)).toBe('connected');
    expect(await listPendingApprovals(mona.workspaceId)).toEqual([]);
  });

  it('disappears once another workspace has connected the account', async () => {
    const [mona, olivia] = [await newPerson('mona'), await newPerson('olivia')];
    const { requestId } = await askOwner(mona);
    const { id } = github.actions.approveRequest({ requestId, by: 'olivia' });
    await github.flush();
    expect(await connect(world, olivia, id)).toBe('connected');
    expect(await listPendingApprovals(mona.workspaceId)).toMatchObject([{ approved_installation_id: null }]);
    expect(await finish(mona, id)).toBe('not_your_installation');
    expect(await finish({ ...mona, login: 'olivia' }, id)).toBe('already_connected_elsewhere');
  });

  it('waits for thirty days, during which its old state is invalid', async () => {
    const mona = await newPerson('mona');
    const { state } = await askOwner(mona);
    const attempt = await getDb().connectAttempt.findFirstOrThrow({
      where: { workspaceId: mona.workspaceId },
    });
    expect(Math.round((attempt.expiresAt.getTime() - Date.now()) / 86_400_000)).toBe(30);
    const callback = { code: 'a code', state, error: undefined };
    expect(outcomeOf(await handleCallback(callback, mona.actor, TEST_ORIGIN, TEST_BROWSER))).toBe(
      'awaiting_approval',
    );
    expect(github.requests.filter({ path: '/login/oauth/access_token' })).toEqual([]);
    await getDb().connectAttempt.update({ where: { id: attempt.id }, data: { expiresAt: new Date(0) } });
    expect(await listPendingApprovals(mona.workspaceId)).toEqual([]);
  });

  it('can be dismissed only once and only by its workspace, and can still be linked afterwards', async () => {
    const [mona, other] = [await newPerson('mona'), await newPerson('eve')];
    const { requestId } = await askOwner(mona);
    const [pending] = await listPendingApprovals(mona.workspaceId);
    const dismiss = ({ workspaceId, actor }: Person, attemptId = pending?.attempt_id ?? '') =>
      dismissApproval({ workspaceId, attemptId, actor, origin: TEST_ORIGIN });
    expect(await dismiss(other)).toBe(false);
    expect(await dismiss(mona, 'no id of ours')).toBe(false);
    expect(await listPendingApprovals(mona.workspaceId)).toHaveLength(1);
    expect(await dismiss(mona)).toBe(true);
    expect(await dismiss(mona)).toBe(false);
    expect(await listPendingApprovals(mona.workspaceId)).toEqual([]);
    const types = (await readAudit(mona.workspaceId)).map(({ type }) => type);
    expect(types.filter((type) => type === 'github.approval_dismissed')).toHaveLength(1);
    github.actions.approveRequest({ requestId, by: 'olivia' });
    await github.flush();
    expect(await listPendingApprovals(mona.workspaceId)).toEqual([]);
    expect(await finish({ ...mona, login: 'olivia' }, null)).toBe('connected');
  });

  it('ends the oldest if one user has more than ten, and the page shows at most twenty', async () => {
    const mona = await newPerson('mona');
    const { workspaceId, actor } = mona;
    const waiting = (userId: string, count: number) =>
      getDb().connectAttempt.createManyAndReturn({
        data: Array.from({ length: count }, (_, n) => ({
          workspaceId,
          userId,
          status: 'awaiting_approval' as const,
          stateHash: new Uint8Array(createHash('sha256').update(`${userId} ${n}`).digest()),
          createdAt: new Date(Date.now() - (count - n) * 60_000),
          expiresAt: new Date(Date.now() + 3_600_000),
        })),
      });
    const own = await waiting(actor.id, 10);
    await waiting((await newPerson('eve')).actor.id, 15);
    await askOwner(mona);
    const stored = await getDb().connectAttempt.findMany({
      where: { userId: actor.id, status: 'awaiting_approval' },
    });
    expect(stored).toHaveLength(10);
    expect(stored.map(({ id }) => id)).not.toContain(own[0]?.id);
    expect(await listPendingApprovals(workspaceId)).toHaveLength(20);
  });

  it('cannot be dismissed by a user who has just been removed', async () => {
    const mona = await newPerson('mona');
    await askOwner(mona);
    const [pending] = await listPendingApprovals(mona.workspaceId);
    const { workspaceId, actor } = mona;
    await getDb().membership.deleteMany({ where: { workspaceId, userId: actor.id } });
    const attemptId = pending?.attempt_id ?? '';
    await expect(
      dismissApproval({ workspaceId, attemptId, actor, origin: TEST_ORIGIN }),
    ).rejects.toMatchObject({ code: 'forbidden' });
    expect(await listPendingApprovals(workspaceId)).toHaveLength(1);
  });

  it.each([null, 'another-browser'])(
    'binds nothing without confirmation if another browser, with the key %s, returns with its state',
    async (browser) => {
      const sam = await newPerson('sam');
      const { state } = await askOwner(sam);
      const { id } = github.actions.install({ account: 'initech', by: 'sam' });
      await github.flush();
      const back = { installationId: id, setupAction: 'install', state } as const;
      const url = await handleSetup(back, sam.actor, TEST_ORIGIN, browser);
      const answer = await authorize(github, 'sam', url);
      const page = await handleCallback(answer, sam.actor, TEST_ORIGIN, browser);
      expect(outcomeOf(page)).toBe('confirm_installation');
      expect((await storedInstallation(id)).workspaceId).toBeNull();
    },
  );

  it('keeps waiting when the requester goes back and installs on another account', async () => {
    const sam = await newPerson('sam');
    const { state } = await begin(sam);
    await handleSetup(
      { installationId: undefined, setupAction: 'request', state },
      sam.actor,
      TEST_ORIGIN,
      TEST_BROWSER,
    );
    const { id } = github.actions.install({ account: 'sam', by: 'sam' });
    const url = await handleSetup(
      { installationId: id, setupAction: 'install', state },
      sam.actor,
      TEST_ORIGIN,
      TEST_BROWSER,
    );
    expect(new URL(url).searchParams.get('state')).not.toBe(state);
    const page = await handleCallback(
      await authorize(github, 'sam', url),
      sam.actor,
      TEST_ORIGIN,
      TEST_BROWSER,
    );
    expect(outcomeOf(page)).toBe('connected');
  });

  it('starts to wait even if GitHub’s list cannot be read', async () => {
    github.knobs.failNext('GET /app/installation-requests', { kind: 'status', status: 502 });
    await askOwner(await newPerson('mona'));
  });
});

describe('the same organization in a second workspace', () => {
  it('is refused even to its owner, who learns why but nothing about the first workspace', async () => {
    const first = await connectedScene(world, { account: 'globex', by: 'eve' });
    const second = await newPerson('eve');
    expect(await connect(world, second)).toBe('already_connected_elsewhere');
    const told = JSON.stringify(await readAudit(second.workspaceId));
    expect(told).not.toContain(first.workspaceId);
    expect(told).not.toContain(first.slug);
    expect(told).not.toContain(first.actor.label);
  });

  it('is not reported as connected to a user who does not own it', async () => {
    await connectedScene(world, { account: 'acme', by: 'olivia' });
    expect(await connect(world, await newPerson('mona'))).toBe('nothing_to_link');
  });
});

describe('several connections', () => {
  it('can belong to one workspace, each for another organization', async () => {
    const sam = await newPerson('sam');
    for (const account of ['acme', 'initech', 'sam']) {
      const { id } = github.actions.install({ account, by: 'sam' });
      expect(await connect(world, sam, id)).toBe('connected');
    }
    const logins = (await listInstallations(sam.workspaceId)).map(({ account }) => account.login);
    expect(logins.sort()).toEqual(['acme', 'initech', 'sam']);
  });

  it('finish in either order when one user has two tabs open', async () => {
    const eve = await newPerson('eve');
    const tabs = [await begin(eve, 'link'), await begin(eve, 'link')];
    github.actions.install({ account: 'globex', by: 'eve' });
    await github.flush();
    const answers = await Promise.all(tabs.map(({ url }) => authorize(github, 'eve', url)));
    const pages = await Promise.all(
      answers.reverse().map((answer) => handleCallback(answer, eve.actor, TEST_ORIGIN, TEST_BROWSER)),
    );
    expect(pages.map(outcomeOf).sort()).toEqual(['already_connected_here', 'connected']);
  });
});

describe('after an uninstall', () => {
  it('connects a reinstall under its new id, and keeps the old one in the history', async () => {
    const before = await connectedScene(world, { account: 'globex', by: 'eve' });
    github.actions.uninstall({ installation: before.installationId });
    const { id } = github.actions.install({ account: 'globex', by: 'eve' });
    await github.flush();
    expect(await connect(world, { ...before, login: 'eve' }, id)).toBe('connected');
    const shown = await listInstallations(before.workspaceId);
    expect(shown.map((installation) => [installation.id, installation.status])).toEqual([
      [id, 'active'],
      [before.installationId, 'deleted'],
    ]);
  });

  const LOOK = 'GET /app/installations/{installation_id}';
  const MINT = 'POST /app/installations/{installation_id}/access_tokens';
  it.each([
    ['GET /user', 1, LOOK],
    [LOOK, 2, MINT],
  ])('connects nothing if the App is uninstalled during %s, call number %i', async (...given) => {
    const [route, times, refused] = given;
    const eve = await newPerson('eve');
    const { id } = github.actions.install({ account: 'globex', by: 'eve' });
    await github.flush();
    github.knobs.set({ webhooks: { drop: 1 } });
    const answers = Array.from({ length: times }, () => github.knobs.holdNextAnswer(route));
    const connecting = connect(world, eve, id);
    for (const answer of answers) {
      await answer.arrived;
      if (answer === answers.at(-1)) github.actions.uninstall({ installation: id });
      answer.release();
    }
    expect(await connecting).toBe('installation_not_found');
    expect(github.requests.filter({ route: refused, status: 404 })).toHaveLength(1);
  });

  it('links the other installations when one of several ends', async () => {
    const sam = await newPerson('sam');
    const { id } = github.actions.install({ account: 'acme', by: 'sam' });
    github.actions.install({ account: 'initech', by: 'sam' });
    await github.flush();
    github.knobs.set({ webhooks: { drop: 1 } });
    const both = github.knobs.holdNextAnswer('GET /user/installations');
    const connecting = connect(world, sam);
    await both.arrived;
    github.actions.uninstall({ installation: id });
    both.release();
    expect(await connecting).toBe('connected');
  });
});

describe('an unfinished flow', () => {
  it('can be finished with “Link it” if the browser was closed after the install', async () => {
    const eve = await newPerson('eve');
    await begin(eve);
    github.actions.install({ account: 'globex', by: 'eve' });
    await github.flush();
    expect(await connect(world, eve)).toBe('connected');
  });

  it('returns to its workspace after a sign-out, whoever has the state', async () => {
    const eve = await newPerson('eve');
    const { state } = await begin(eve);
    expect(await signedOutPage(state)).toBe(`/w/${eve.slug}/settings/github?notice=signed_out`);
    expect(await signedOutPage('forged')).toBe('/connect/github?notice=unknown_attempt');
  });

  it('connects a suspended installation as suspended, even if the webhook was lost', async () => {
    const eve = await newPerson('eve');
    const { id } = github.actions.install({ account: 'globex', by: 'eve' });
    await github.flush();
    github.knobs.set({ webhooks: { drop: 1 } });
    github.actions.suspend({ installation: id });
    expect(await connect(world, eve, id)).toBe('suspended');
    expect((await storedInstallation(id)).status).toBe('suspended');
  });
});

describe('the Setup URL without a state', () => {
  it('leads members of the connected workspace to its settings, and others to a page where they choose one', async () => {
    const scene = await connectedScene(world, { account: 'globex', by: 'eve' });
    const visit = (actor: UserActor, setupAction: 'install' | 'update') =>
      handleSetup(
        { installationId: scene.installationId, setupAction, state: undefined },
        actor,
        TEST_ORIGIN,
        TEST_BROWSER,
      );
    expect(await visit(scene.actor, 'update')).toBe(`/w/${scene.slug}/settings/github?notice=updated`);
    expect(outcomeOf(await visit(scene.actor, 'install'))).toBe('already_connected_here');
    const { people } = await makeWorkspace('owner');
    const [stranger] = people;
    if (!stranger) throw new Error('no owner');
    expect(await visit(stranger, 'update')).toBe(`/connect/github?installation_id=${scene.installationId}`);
  });
});

describe('a user token', () => {
  const REVOKE = 'DELETE /applications/{client_id}/token';
  const DOWN = { kind: 'status', status: 502 } as const;

  it.each([
    ['GET /user', DOWN],
    ['GET /user', { kind: 'html', status: 200 }],
    ['GET /user', { kind: 'cut' }],
    ['GET /app/installations/{installation_id}', DOWN],
    ['GET /user/installations/{installation_id}/repositories', DOWN],
    ['GET /user/installations/{installation_id}/repositories', { kind: 'hang' }],
    ['POST /app/installations/{installation_id}/access_tokens', DOWN],
    ['GET /installation/repositories', { kind: 'secondary-rate-limit', retryAfterSeconds: 60 }],
    [REVOKE, DOWN],
    [REVOKE, { kind: 'cut' }],
  ] as const)('is revoked even if %s fails: %j', async (route, fault) => {
    // Olivia owns the organization but didn't install the App, so her proof of ownership takes the longest path: it
    // makes every call listed above.
    const olivia = await newPerson('olivia');
    const { id } = github.actions.install({ account: 'acme', by: 'sam' });
    await github.flush();
    github.requests.clear();
    github.knobs.failNext(route, fault);
    await connect(world, olivia, id);
    const exchanged = github.requests.filter({ path: '/login/oauth/access_token', status: 200 });
    expect(exchanged).toHaveLength(1);
    expect(github.requests.filter({ route: REVOKE, status: 204 })).toHaveLength(1);
  });

  it('is revoked even if the database fails in the meantime', async () => {
    const olivia = await newPerson('olivia');
    const { id } = github.actions.install({ account: 'acme', by: 'sam' });
    await github.flush();
    const { state } = await begin(olivia);
    const url = await handleSetup(
      { installationId: id, setupAction: 'install', state },
      olivia.actor,
      TEST_ORIGIN,
      TEST_BROWSER,
    );
    const answer = await authorize(github, 'olivia', url);
    github.requests.clear();
    const owner = new pg.Client(world.environment.OWNER_DATABASE_URL);
    await owner.connect();
    const only = "CHECK (type <> 'github.installation_bound') NOT VALID";
    await owner.query(`ALTER TABLE audit_events ADD CONSTRAINT broken ${only}`);
    await expect(handleCallback(answer, olivia.actor, TEST_ORIGIN, TEST_BROWSER)).rejects.toThrow();
    await owner.query('ALTER TABLE audit_events DROP CONSTRAINT broken');
    await owner.end();
    expect((await storedInstallation(id)).workspaceId).toBeNull();
    expect(github.requests.filter({ route: REVOKE, status: 204 })).toHaveLength(1);
  });
});
