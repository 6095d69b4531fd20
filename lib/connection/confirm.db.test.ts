import { beforeEach, describe, expect, it } from 'vitest';
import { readAudit, TEST_ORIGIN } from '../auth/test-fixtures';
import { getDb } from '../db/client';
import { removeMember } from '../workspace/members';
import { dismissApproval } from './approvals';
import {
  acceptConfirmation,
  beginConfirmation,
  type ConfirmStep,
  proveConfirmation,
  readProvenConfirmation,
} from './confirm';
import { listPendingConfirmations } from './confirmation';
import { clearWorld, newPerson, storedInstallation } from './test-scene';
import { authorize, connect, startTestWorld } from './test-world';

const world = await startTestWorld();
const { github } = world;

beforeEach(async () => {
  await clearWorld(world);
  await getDb().connectAttempt.deleteMany();
});

const outcomeOf = ({ location }: ConfirmStep) => new URLSearchParams(location.split('?')[1]).get('outcome');

/** Mona, who reads acme and owns nothing of it, asks for it; an owner has to confirm. */
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

/** Opens the link and goes through GitHub as `login`. */
async function open(token: string, login: string): Promise<ConfirmStep> {
  const begun = await beginConfirmation(token);
  const { code, state = '', error } = await authorize(github, login, begun.location);
  return proveConfirmation({ code, state, error }, begun.sealed, TEST_ORIGIN);
}

const workspaceOf = async (id: number) => (await storedInstallation(id)).workspaceId;

describe('a confirmation link', () => {
  it('connects the account that a present owner confirms, to the workspace that asked', async () => {
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
    // Nothing is bound before the person says so.
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

  it('serves once, however often it is confirmed concurrently', async () => {
    const { id, mona, token } = await asked();
    const proven = [await open(token, 'olivia'), await open(token, 'olivia')];
    const ends = await Promise.all(proven.map(({ sealed }) => acceptConfirmation(sealed, TEST_ORIGIN)));
    expect(ends.map(outcomeOf).sort()).toEqual(['confirmed', 'expired']);
    expect(await workspaceOf(id)).toBe(mona.workspaceId);
    expect(outcomeOf(await beginConfirmation(token))).toBe('expired');
  });

  it.each(['mona', 'rahul', 'eve'])(
    'tells nothing to %s, who owns nothing, and can be used later',
    async (login) => {
      const { id, token } = await asked();
      const refused = await open(token, login);
      expect(refused).toEqual({ location: '/connect/github/confirm?outcome=refused', sealed: null });
      expect(outcomeOf(await acceptConfirmation(refused.sealed, TEST_ORIGIN))).toBe('expired');
      expect(await workspaceOf(id)).toBeNull();
      expect((await open(token, 'olivia')).sealed).not.toBeNull();
    },
  );

  it('is nothing to a person who was an owner', async () => {
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
  ])('that %s binds nothing, at each of its steps', async (_, change) => {
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
      'loses its person’s role',
      ({ mona: { workspaceId, actor } }) =>
        getDb().membership.updateMany({ where: { workspaceId, userId: actor.id }, data: { role: 'member' } }),
    ],
  ])('that %s while GitHub answers binds nothing', async (_, change) => {
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

  it('takes a callback in the browser that opened it alone, and a proof that we have sealed', async () => {
    const { id, token } = await asked();
    const [victim, attacker] = [await beginConfirmation(token), await beginConfirmation(token)];
    const { code, state = '', error } = await authorize(github, 'olivia', attacker.location);
    for (const sealed of [victim.sealed, null, 'forged'])
      expect(outcomeOf(await proveConfirmation({ code, state, error }, sealed, TEST_ORIGIN))).toBe('expired');
    for (const sealed of [victim.sealed, null, 'forged'])
      expect(outcomeOf(await acceptConfirmation(sealed, TEST_ORIGIN))).toBe('expired');
    expect(await workspaceOf(id)).toBeNull();
  });

  it('tells a refusal of GitHub as what it is, and never as an outage', async () => {
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

  it('is not offered for what the workspace has connected already', async () => {
    const { id, mona, token } = await asked();
    expect(outcomeOf(await acceptConfirmation((await open(token, 'olivia')).sealed, TEST_ORIGIN))).toBe(
      'confirmed',
    );
    expect(await connect(world, mona, id)).toBe('already_connected_here');
    expect(await listPendingConfirmations(mona.workspaceId)).toEqual([]);
  });

  it('is stored as a digest only, and an unknown one is told like a used one', async () => {
    const { token } = await asked();
    const rows = await getDb().$queryRaw<{ text: string }[]>`SELECT a::text AS text FROM connect_attempts a`;
    expect(JSON.stringify(rows)).not.toContain(token);
    for (const unknown of ['', 'x', token.slice(1)])
      expect(outcomeOf(await beginConfirmation(unknown))).toBe('expired');
  });

  it('is not offered to somebody to whom GitHub does not show the installation', async () => {
    const { id } = github.actions.install({ account: 'acme', by: 'sam' });
    await github.flush();
    const eve = await newPerson('eve');
    for (const claimed of [id, 99_999_999]) await connect(world, eve, claimed);
    expect(await listPendingConfirmations(eve.workspaceId)).toEqual([]);
  });
});
