/**
 * Tests the search for tokens that could read a repository when webhooks were lost, so the app noticed a change only
 * hours later, in a sync.
 */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { setChainClock } from '../../local/test/clock';
import type { ApiKeyActor } from '../actor';
import { makeApiKeyActor, TEST_ORIGIN } from '../auth/test-fixtures';
import { getDb } from '../db/client';
import { forgetGitHub } from '../github/client';
import { syncInstallation } from '../sync/sync';
import { clearWorld, connectedScene, type Scene } from '../testing/test-scene';
import { startTestWorld } from '../testing/test-world';
import { mintToken } from '../token/mint';
import { readAuditEvents } from './read';

const world = await startTestWorld();
const { github } = world;
const LIST = 'GET /installation/repositories';
const owner = new pg.Client(world.environment.OWNER_DATABASE_URL);
beforeAll(() => owner.connect());
afterAll(() => owner.end());

let scene: Scene;
let engine: ApiKeyActor;
/** A suffix for repository names. It is unique per test, because earlier tests leave repositories behind. */
let suffix: string;
const named = (name: string) => `${name}-${suffix}`;

beforeEach(async () => {
  await setChainClock(owner, 600);
  await clearWorld(world);
  suffix = randomUUID().slice(0, 8);
  for (const name of ['api', 'web']) github.actions.createRepository({ account: 'acme', name: named(name) });
  scene = await connectedScene(world, { account: 'acme', by: 'olivia' });
  engine = await makeApiKeyActor({ id: scene.workspaceId, slug: scene.slug });
});

/**
 * Mints a token for all repositories, with the audit log's clock set back by this many minutes.
 *
 * @returns the event's number
 */
async function mintedAgo(minutes: number): Promise<number> {
  await setChainClock(owner, minutes);
  const { workspaceId } = scene;
  await mintToken({ workspaceId, actor: engine, origin: TEST_ORIGIN, request: {} });
  return getDb().auditEvent.count({ where: { workspaceId } });
}

async function syncedAgo(minutes: number, outcome = 'synced'): Promise<void> {
  await setChainClock(owner, minutes);
  expect(await syncInstallation(scene.installationId)).toBe(outcome);
}

/** Makes a change on GitHub, and drops all its webhooks. */
async function unheard(happens: () => unknown): Promise<void> {
  github.knobs.set({ webhooks: { drop: 100 } });
  await happens();
  await github.flush();
  github.knobs.set({ webhooks: { drop: 0 } });
}

async function whoCouldRead(name: string, account = 'acme'): Promise<number[]> {
  const found: number[] = [];
  for await (const { seq } of readAuditEvents(scene.workspaceId, { repository: `${account}/${named(name)}` }))
    found.push(seq);
  return found;
}

type Item = { full_name: string; name: string | null };

/** Alters the next repository list that GitHub returns. */
function alterList(change: (items: Item[]) => { repositories: Item[]; total_count?: number }): void {
  github.knobs.alterNextAnswers(LIST, ({ json }) => {
    const page = json as { repositories: Item[] };
    return { json: { ...page, ...change(page.repositories) } };
  });
}

const isLate = ({ full_name }: Item) => full_name === `acme/${named('late')}`;
const hideName = (items: Item[]) => ({
  repositories: items.map((item) => (isLate(item) ? { ...item, name: null } : item)),
});
/**
 * Omits the late repository and the first `more` others. The resulting list contradicts its total count, and differs
 * from any read with another `more`.
 */
const omit = (more: number) => (items: Item[]) => ({
  repositories: items.filter((item) => !isLate(item)).slice(more),
  total_count: 99,
});

const addLate = () =>
  unheard(() => github.actions.createRepository({ account: 'acme', name: named('late') }));

describe('an addition that is noticed hours later', () => {
  it('finds the tokens that were valid at the sync before it or minted later, and no older ones', async () => {
    await mintedAgo(480);
    await mintedAgo(400);
    const alive = await mintedAgo(330);
    await syncedAgo(300);
    await addLate();
    const expired = [await mintedAgo(200), await mintedAgo(130), await mintedAgo(70)];
    await syncedAgo(0);
    const after = await mintedAgo(0);
    expect(await whoCouldRead('late')).toEqual([alive, ...expired, after]);
  });

  it.each([
    ['could not be read', () => github.knobs.failNext(LIST, { kind: 'status', status: 502 }, 10), 'failed'],
    ['contained it in an unreadable form', () => alterList(hideName), 'synced'],
    [
      'changed during the read',
      () => {
        alterList(omit(0));
        alterList(omit(1));
      },
      'synced',
    ],
  ])('is not assumed to have happened after a sync whose list %s', async (_, spoil, outcome) => {
    await mintedAgo(400);
    await syncedAgo(300);
    await addLate();
    const expired = await mintedAgo(200);
    spoil();
    await syncedAgo(100, outcome);
    github.knobs.reset();
    forgetGitHub();
    const alive = await mintedAgo(20);
    await syncedAgo(0);
    expect(await whoCouldRead('late')).toEqual([expired, alive]);
  });

  it('counts from the time of connection if no sync has read the whole list before', async () => {
    await getDb().installation.update({ where: { id: scene.installationId }, data: { listReadSeq: null } });
    await addLate();
    const minted = [await mintedAgo(500), await mintedAgo(100)];
    await syncedAgo(0);
    expect(await whoCouldRead('late')).toEqual(minted);
  });
});

it('counts a removal from the moment it is noticed, so no token that could read the repository is missed', async () => {
  const before = await mintedAgo(300);
  await unheard(() => github.actions.deleteRepository({ repository: `acme/${named('web')}` }));
  const between = await mintedAgo(100);
  await syncedAgo(0);
  await mintedAgo(0);
  expect(await whoCouldRead('web')).toEqual([before, between]);
});

it('finds tokens minted before and after a rename by both names, even if the rename is noticed hours later', async () => {
  const before = await mintedAgo(300);
  await unheard(() =>
    github.actions.renameRepository({ repository: `acme/${named('web')}`, name: named('site') }),
  );
  const between = await mintedAgo(100);
  await syncedAgo(0);
  const after = await mintedAgo(0);
  for (const name of ['web', 'site']) expect(await whoCouldRead(name)).toEqual([before, between, after]);
});
