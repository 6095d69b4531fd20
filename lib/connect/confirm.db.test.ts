import { randomUUID } from 'node:crypto';
import { encode } from 'next-auth/jwt';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { makeUser, makeWorkspace, readAudit, TEST_ORIGIN } from '../auth/test-fixtures';
import { getConfig, replaceConfig } from '../config';
import { getDb } from '../db/client';
import { clearWorld, newPerson, storedInstallation } from '../testing/test-scene';
import { authorize, connect, startTestWorld, TEST_BROWSER } from '../testing/test-world';
import { removeMember } from '../workspace/members';
import { dismissApproval, listPendingConfirmations } from './approvals';
import {
  acceptConfirmation,
  beginConfirmation,
  type ConfirmStep,
  proveConfirmation,
  readProvenConfirmation,
} from './confirm';
import { handleCallback, handleSetup, startConnect } from './flow';

const world = await startTestWorld();
const { github } = world;

beforeEach(async () => {
  await clearWorld(world);
  await getDb().connectAttempt.deleteMany();
});

const outcomeOf = ({ location }: ConfirmStep) => new URLSearchParams(location.split('?')[1]).get('notice');

/** Requests a connection as Mona. She can read acme but owns nothing there, so an owner has to confirm. */
async function asked() {
  const { id } = github.actions.install({ account: 'acme', by: 'sam' });
  await github.flush();
  const mona = await newPerson('mona');
  expect(await connect(world, mona, id)).toBe('not_your_installation');
  const [pending] = await listPendingConfirmations(mona.workspaceId);
  if (!pending) throw new Error('no confirmation is offered');
  const token = new URL(pending.link).searchParams.get('token') ?? '';
  return { mona, id, pending, token };
}

/** Opens the link and authorizes on GitHub as `login`. */
async function open(token: string, login: string): Promise<ConfirmStep> {
  const begun = await beginConfirmation(token);
  const { code, state = '', error } = await authorize(github, login, begun.location);
  return proveConfirmation({ code, state, error }, begun.sealed, TEST_ORIGIN);
}

const workspaceOf = async (id: number) => (await storedInstallation(id)).workspaceId;

describe('a confirmation link', () => {
  it('stays on the page and works after NEXTAUTH_SECRET was rotated, even between its steps', async () => {
    const { mona, pending, token } = await asked();
    const begun = await beginConfirmation(token);
    const config = getConfig();
    const secret = randomUUID();
    try {
      replaceConfig({ ...config, auth: { ...config.auth, secret, secrets: [secret, config.auth.secret] } });
      expect((await listPendingConfirmations(mona.workspaceId))[0]?.link).toBe(pending.link);
      const { code, state = '', error } = await authorize(github, 'olivia', begun.location);
      const proven = await proveConfirmation({ code, state, error }, begun.sealed, TEST_ORIGIN);
      expect(proven.location).toBe('/connect/github/confirm');
    } finally {
      replaceConfig(config);
    }
  });

  it('connects the account to the workspace that requested it once a current owner confirms', async () => {
    const { mona, id, pending, token } = await asked();
    expect(pending).toMatchObject({ account_login: 'acme', requested_by: mona.actor.label });
    const proven = await open(token, 'olivia');
    expect(proven.location).toBe('/connect/github/confirm');
    expect(await readProvenConfirmation(proven.sealed)).toMatchObject({
      accountLogin: 'acme',
      githubLogin: 'olivia',
      workspace: { id: mona.workspaceId },
      requester: { email: mona.actor.label },
    });
    // Nothing is bound before the user confirms.
    expect(await workspaceOf(id)).toBeNull();
    expect(outcomeOf(await acceptConfirmation(proven.sealed, TEST_ORIGIN))).toBe('confirmed');
    expect(await workspaceOf(id)).toBe(mona.workspaceId);
    const bound = (await readAudit(mona.workspaceId)).find(
      ({ type }) => type === 'github.installation_bound',
    );
    expect(bound).toMatchObject({
      actorId: mona.actor.id,
      details: { github_user: { id: 20001, login: 'olivia' }, confirmed_by_link: true },
    });
    expect(await listPendingConfirmations(mona.workspaceId)).toEqual([]);
  });

  it('works once, however many confirmations run concurrently', async () => {
    const { id, mona, token } = await asked();
    const proven = [await open(token, 'olivia'), await open(token, 'olivia')];
    const ends = await Promise.all(proven.map(({ sealed }) => acceptConfirmation(sealed, TEST_ORIGIN)));
    expect(ends.map(outcomeOf).sort()).toEqual(['confirmed', 'expired']);
    expect(await workspaceOf(id)).toBe(mona.workspaceId);
    expect(outcomeOf(await beginConfirmation(token))).toBe('expired');
  });

  it.each(['mona', 'rahul', 'eve'])(
    'reveals nothing to %s, who owns nothing, and stays valid',
    async (login) => {
      const { id, mona, token } = await asked();
      const refused = await open(token, login);
      expect(refused).toEqual({ location: '/connect/github/confirm?notice=refused', sealed: null });
      expect(outcomeOf(await acceptConfirmation(refused.sealed, TEST_ORIGIN))).toBe('expired');
      expect(await workspaceOf(id)).toBeNull();
      // Expect one refusal for Mona's request, and another for this failed proof.
      const tried = (await readAudit(mona.workspaceId)).filter(({ type }) => type === 'github.bind_refused');
      expect(tried.map(({ details }) => details)).toMatchObject([
        { installation_id: id, github_login: 'mona' },
        { installation_id: id, reason: 'not_your_installation' },
      ]);
      expect((await open(token, 'olivia')).sealed).not.toBeNull();
    },
  );

  it('reveals nothing to a former owner', async () => {
    const { id, token } = await asked();
    github.actions.setMembership({ organization: 'acme', login: 'olivia', role: 'member' });
    expect(outcomeOf(await open(token, 'olivia'))).toBe('refused');
    github.actions.setMembership({ organization: 'acme', login: 'olivia', role: 'owner' });
    expect(await workspaceOf(id)).toBeNull();
  });

  it.each<[string, (scene: Awaited<ReturnType<typeof asked>>) => Promise<unknown>]>([
    [
      'has expired',
      () => getDb().connectAttempt.updateMany({ data: { expiresAt: new Date(Date.now() - 1000) } }),
    ],
    [
      'was dismissed',
      ({ mona: { workspaceId, actor }, pending: { attempt_id: attemptId } }) =>
        dismissApproval({ workspaceId, attemptId, actor, origin: TEST_ORIGIN }),
    ],
    [
      'names a person who was demoted',
      ({ mona: { workspaceId, actor } }) =>
        getDb().membership.updateMany({ where: { workspaceId, userId: actor.id }, data: { role: 'member' } }),
    ],
    [
      'names a person who was removed',
      ({ mona: { workspaceId, actor } }) => {
        const system = { type: 'system', id: 'system:cli', label: 'system:cli' } as const;
        return getDb()
          .membership.create({ data: { workspaceId, userId: actor.id, role: 'admin' } })
          .catch(() => null)
          .then(() => getDb().user.create({ data: { email: `${workspaceId}@acme.test` } }))
          .then(({ id: userId }) =>
            getDb().membership.create({ data: { workspaceId, userId, role: 'owner' } }),
          )
          .then(() => removeMember({ workspaceId, actor: system, origin: TEST_ORIGIN }, actor.id));
      },
    ],
  ])('binds nothing at any step when the request %s', async (_, change) => {
    const scene = await asked();
    const { id, token } = scene;
    const begun = await beginConfirmation(token);
    const { code, state = '', error } = await authorize(github, 'olivia', begun.location);
    const proven = await open(token, 'olivia');
    await change(scene);
    expect(outcomeOf(await beginConfirmation(token))).toBe('expired');
    expect(outcomeOf(await proveConfirmation({ code, state, error }, begun.sealed, TEST_ORIGIN))).toBe(
      'expired',
    );
    expect(await readProvenConfirmation(proven.sealed)).toBeNull();
    expect(outcomeOf(await acceptConfirmation(proven.sealed, TEST_ORIGIN))).toBe('expired');
    expect(await workspaceOf(id)).toBeNull();
  });

  it.each<[string, (scene: Awaited<ReturnType<typeof asked>>) => Promise<unknown>]>([
    [
      'expires',
      () => getDb().connectAttempt.updateMany({ data: { expiresAt: new Date(Date.now() - 1000) } }),
    ],
    [
      'is dismissed',
      ({ mona: { workspaceId, actor }, pending: { attempt_id: attemptId } }) =>
        dismissApproval({ workspaceId, attemptId, actor, origin: TEST_ORIGIN }),
    ],
    [
      'loses its requester’s admin role',
      ({ mona: { workspaceId, actor } }) =>
        getDb().membership.updateMany({ where: { workspaceId, userId: actor.id }, data: { role: 'member' } }),
    ],
  ])('binds nothing if the request %s while GitHub responds', async (_, change) => {
    const scene = await asked();
    const proven = await open(scene.token, 'olivia');
    const held = github.knobs.holdNextAnswer('GET /app/installations/{installation_id}');
    const accepted = acceptConfirmation(proven.sealed, TEST_ORIGIN);
    await held.arrived;
    await change(scene);
    held.release();
    expect(outcomeOf(await accepted)).toBe('expired');
    expect(await workspaceOf(scene.id)).toBeNull();
  });

  it('accepts a callback only in the browser that opened the link, and only a proof that the app sealed', async () => {
    const { id, token } = await asked();
    const [victim, attacker] = [await beginConfirmation(token), await beginConfirmation(token)];
    const { code, state = '', error } = await authorize(github, 'olivia', attacker.location);
    for (const sealed of [victim.sealed, null, 'forged'])
      expect(outcomeOf(await proveConfirmation({ code, state, error }, sealed, TEST_ORIGIN))).toBe('expired');
    for (const sealed of [victim.sealed, null, 'forged']) {
      expect(await readProvenConfirmation(sealed)).toBeNull();
      expect(outcomeOf(await acceptConfirmation(sealed, TEST_ORIGIN))).toBe('expired');
    }
    expect(await workspaceOf(id)).toBeNull();
  });

  it('rejects a proof that is sealed like a session, or that has expired', async () => {
    const { id, pending, token } = await asked();
    const proven = { id: 20001, login: 'olivia', proof: 'own_account' };
    const forged = await encode({
      token: { attempt: pending.attempt_id, nonce: 'x', proven },
      secret: world.environment.NEXTAUTH_SECRET ?? '',
    });
    expect(await readProvenConfirmation(forged)).toBeNull();
    expect(outcomeOf(await acceptConfirmation(forged, TEST_ORIGIN))).toBe('expired');
    const { sealed } = await open(token, 'olivia');
    vi.useFakeTimers({ now: Date.now() + 16 * 60_000, toFake: ['Date'] });
    const late = await readProvenConfirmation(sealed).finally(() => vi.useRealTimers());
    expect(late).toBeNull();
    expect(await readProvenConfirmation(sealed)).not.toBeNull();
    expect(await workspaceOf(id)).toBeNull();
  });

  it('stays bound to the requested installation, whatever the requester claims afterwards', async () => {
    const { id } = github.actions.install({ account: 'acme', by: 'sam' });
    await github.flush();
    const mona = await newPerson('mona');
    const { workspaceId, actor } = mona;
    const begun = {
      browser: TEST_BROWSER,
      workspaceId,
      actor,
      origin: TEST_ORIGIN,
      intent: 'install',
    } as const;
    const state = new URL(await startConnect(begun)).searchParams.get('state') ?? '';
    const claim = (installationId: number) =>
      handleSetup({ installationId, setupAction: 'install', state }, actor, TEST_ORIGIN, TEST_BROWSER);
    const authorized = await authorize(github, 'mona', await claim(id));
    await handleCallback(authorized, actor, TEST_ORIGIN, TEST_BROWSER);
    const [pending] = await listPendingConfirmations(workspaceId);
    const proven = await open(new URL(pending?.link ?? '').searchParams.get('token') ?? '', 'olivia');
    const other = github.actions.install({ account: 'globex', by: 'eve' });
    await github.flush();
    await claim(other.id);
    await handleCallback(authorized, actor, TEST_ORIGIN, TEST_BROWSER);
    expect(outcomeOf(await acceptConfirmation(proven.sealed, TEST_ORIGIN))).toBe('confirmed');
    expect([await workspaceOf(id), await workspaceOf(other.id)]).toEqual([workspaceId, null]);
  });

  it.each<[string, (id: number) => Promise<unknown>]>([
    [
      'has ended here but still exists on GitHub',
      (id) => getDb().installation.update({ where: { id }, data: { status: 'deleted' } }),
    ],
    [
      'another workspace has connected in the meantime',
      async (id) => {
        const { id: workspaceId } = await makeWorkspace();
        return getDb().installation.update({ where: { id }, data: { workspaceId } });
      },
    ],
  ])('proves nothing for an installation that %s, and mints no token for it', async (_, change) => {
    const { id, token } = await asked();
    await change(id);
    github.requests.clear();
    expect(outcomeOf(await open(token, 'olivia'))).toBe('refused');
    const routes = github.requests.list().map(({ route }) => route);
    expect(routes).toContain('GET /app/installations/{installation_id}');
    expect(routes).not.toContain('POST /app/installations/{installation_id}/access_tokens');
  });

  it('reports a rejection by GitHub as a rejection, never as an outage', async () => {
    const { token } = await asked();
    const begun = await beginConfirmation(token);
    const { code, state = '', error } = await authorize(github, 'olivia', begun.location);
    const prove = (callback: { code: string | undefined; error: string | undefined }) =>
      proveConfirmation({ ...callback, state }, begun.sealed, TEST_ORIGIN);
    expect((await prove({ code, error })).location).toBe('/connect/github/confirm');
    expect(outcomeOf(await prove({ code, error }))).toBe('code_refused');
    for (const [word, outcome] of [
      ['access_denied', 'cancelled'],
      ['redirect_uri_mismatch', 'oauth_redirect_mismatch'],
      ['application_suspended', 'app_suspended'],
      ['something else', 'github_error'],
    ] as const)
      expect(outcomeOf(await prove({ code: undefined, error: word }))).toBe(outcome);
  });

  it('is not offered for an account that the workspace has already connected', async () => {
    const { id, mona, token } = await asked();
    expect(outcomeOf(await acceptConfirmation((await open(token, 'olivia')).sealed, TEST_ORIGIN))).toBe(
      'confirmed',
    );
    expect(await connect(world, mona, id)).toBe('already_connected_here');
    expect(await listPendingConfirmations(mona.workspaceId)).toEqual([]);
  });

  it('is listed only for the workspace that requested it, until it expires', async () => {
    const { mona } = await asked();
    expect(await listPendingConfirmations(mona.workspaceId)).toHaveLength(1);
    expect(await listPendingConfirmations((await makeWorkspace()).id)).toEqual([]);
    await getDb().connectAttempt.updateMany({ data: { expiresAt: new Date(Date.now() - 1000) } });
    expect(await listPendingConfirmations(mona.workspaceId)).toEqual([]);
  });

  it('replaces only the previous link of the same user, workspace and installation', async () => {
    const { mona, id, pending: former, token } = await asked();
    const [colleague, elsewhere] = [await makeUser(), await makeWorkspace()];
    for (const [workspaceId, userId] of [
      [mona.workspaceId, colleague.id],
      [elsewhere.id, mona.actor.id],
    ] as const)
      await getDb().membership.create({ data: { workspaceId, userId, role: 'admin' } });
    github.actions.setMembership({ organization: 'initech', login: 'mona', role: 'member' });
    const initech = github.actions.install({ account: 'initech', by: 'sam' });
    await github.flush();
    const others: [typeof mona, number][] = [
      [{ ...mona, actor: colleague }, id],
      [{ ...mona, workspaceId: elsewhere.id }, id],
      [mona, initech.id],
    ];
    for (const [person, claimed] of [...others, [mona, id] as const])
      expect(await connect(world, person, claimed)).toBe('not_your_installation');
    const links = [
      ...(await listPendingConfirmations(mona.workspaceId)),
      ...(await listPendingConfirmations(elsewhere.id)),
    ];
    expect(links).toHaveLength(4);
    expect(links.map(({ attempt_id }) => attempt_id)).not.toContain(former.attempt_id);
    expect(outcomeOf(await beginConfirmation(token))).toBe('expired');
    github.actions.setMembership({ organization: 'initech', login: 'mona', role: null });
  });

  it('reports when another workspace connected the account after the proof', async () => {
    const { id, pending, token } = await asked();
    const { sealed } = await open(token, 'olivia');
    const { id: workspaceId } = await makeWorkspace();
    await getDb().installation.update({ where: { id }, data: { workspaceId } });
    expect(outcomeOf(await acceptConfirmation(sealed, TEST_ORIGIN))).toBe('in_use');
    expect(await workspaceOf(id)).toBe(workspaceId);
    const attempt = await getDb().connectAttempt.findUniqueOrThrow({ where: { id: pending.attempt_id } });
    expect(attempt).toMatchObject({ status: 'finished', outcome: 'already_connected_elsewhere' });
  });

  it('is stored as a digest only, and an unknown link looks like a used one', async () => {
    const { token } = await asked();
    const rows = await getDb().$queryRaw<{ text: string }[]>`SELECT a::text AS text FROM connect_attempts a`;
    expect(JSON.stringify(rows)).not.toContain(token);
    for (const unknown of ['', 'x', token.slice(1)])
      expect(outcomeOf(await beginConfirmation(unknown))).toBe('expired');
  });

  it('is not offered to a user who cannot see the installation on GitHub', async () => {
    const { id } = github.actions.install({ account: 'acme', by: 'sam' });
    await github.flush();
    const eve = await newPerson('eve');
    for (const claimed of [id, 99_999_999]) await connect(world, eve, claimed);
    expect(await listPendingConfirmations(eve.workspaceId)).toEqual([]);
  });
});
