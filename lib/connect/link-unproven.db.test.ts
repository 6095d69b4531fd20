import { beforeEach, describe, expect, it } from 'vitest';
import { TEST_ORIGIN } from '../auth/test-fixtures';
import { getDb } from '../db/client';
import { clearWorld, connectedScene, newPerson, storedInstallation } from '../testing/test-scene';
import { authorize, connect, startTestWorld } from '../testing/test-world';
import { listPendingConfirmations } from './approvals';
import { acceptConfirmation, beginConfirmation, proveConfirmation } from './confirm';

const world = await startTestWorld();
const { github } = world;

beforeEach(async () => {
  await clearWorld(world);
  await getDb().connectAttempt.deleteMany();
});

async function install(account: string, by: string): Promise<number> {
  const { id } = github.actions.install({ account, by });
  await github.flush();
  return id;
}

/** Mona can read acme but owns nothing there. */
const mona = () => newPerson('mona');

describe('"Link it" for a user who owns none of the installations that they can see', () => {
  it('offers a link for the only visible installation, and an owner can confirm it', async () => {
    const id = await install('acme', 'sam');
    const person = await mona();
    expect(await connect(world, person)).toBe('nothing_to_link');
    const [pending, ...more] = await listPendingConfirmations(person.workspaceId);
    expect(more).toEqual([]);
    expect(pending).toMatchObject({ account_login: 'acme', requested_by: person.actor.label });

    const begun = await beginConfirmation(new URL(pending?.link ?? '').searchParams.get('token') ?? '');
    const { code, state = '', error } = await authorize(github, 'olivia', begun.location);
    const { sealed } = await proveConfirmation({ code, state, error }, begun.sealed, TEST_ORIGIN);
    expect((await acceptConfirmation(sealed, TEST_ORIGIN)).location).toContain('notice=confirmed');
    expect((await storedInstallation(id)).workspaceId).toBe(person.workspaceId);
  });

  it('offers the same link for another workspace’s installation, and reveals nothing about it', async () => {
    await connectedScene(world, { account: 'acme', by: 'olivia' });
    const person = await mona();
    expect(await connect(world, person)).toBe('nothing_to_link');
    expect(await listPendingConfirmations(person.workspaceId)).toMatchObject([{ account_login: 'acme' }]);
  });

  it('offers no link if GitHub shows no installation, or only one that has ended', async () => {
    const id = await install('acme', 'sam');
    const eve = await newPerson('eve');
    expect(await connect(world, eve)).toBe('nothing_to_link');
    expect(await listPendingConfirmations(eve.workspaceId)).toEqual([]);

    await getDb().installation.update({ where: { id }, data: { status: 'deleted' } });
    const person = await mona();
    expect(await connect(world, person)).toBe('nothing_to_link');
    expect(await listPendingConfirmations(person.workspaceId)).toEqual([]);
  });
});
