/**
 * Plays random histories of changes on GitHub, which are the same in every run. `HISTORIES_SEED=… npx vitest run
 * lib/sync/histories.db.test.ts` plays different histories, and `HISTORIES_RUNS=…` sets their number.
 */
import fc from 'fast-check';
import type { Delivery } from 'offline-github';
import { describe, expect, it } from 'vitest';
import { makeApiKeyActor, TEST_ORIGIN } from '../auth/test-fixtures';
import { getDb } from '../db/client';
import { endCheck } from '../installation/confirm-end';
import { Problem } from '../problem';
import { type History, histories, Play } from '../testing/test-history';
import { clearWorld } from '../testing/test-scene';
import { startTestWorld } from '../testing/test-world';
import { mintToken } from '../token/mint';
import { reconcile } from './reconcile';

const world = await startTestWorld();
// Skip the pause of a few seconds before each end is confirmed, because these histories contain hundreds of ends.
// `lib/installation/two-witnesses.db.test.ts` tests the pause.
endCheck.apartMs = 0;
const { github, receiver } = world;
const WEBHOOK_URL = github.app.webhookUrl ?? '';

const SEED = Number(process.env.HISTORIES_SEED ?? 20261127);
const RUNS = Number(process.env.HISTORIES_RUNS ?? 25);
const TIME_LIMIT_MS = process.env.HISTORIES_RUNS === undefined ? 40_000 : 3_600_000;

type Repository = { name: string; branch: string; private: boolean; archived: boolean; clone: string };
type State = Record<string, { login: string; status: string; selection: string; repositories: unknown }>;

/**
 * Returns the state on GitHub. Leaves out the repositories of suspended installations, because GitHub does not list
 * them.
 */
function stateAtGitHub(play: Play): State {
  const { state } = github;
  return Object.fromEntries(
    [...play.installationIds].sort().map((id) => {
      const installation = state.installations.get(id);
      if (installation === undefined)
        return [id, { login: '', status: 'deleted', selection: '', repositories: {} }];
      const { login } = state.account(installation.accountId);
      const isSuspended = installation.suspendedAt !== null;
      const repositories: Record<string, Repository> = Object.fromEntries(
        state.installationRepositories(installation).map((each) => [
          each.id,
          {
            name: state.fullName(each),
            branch: each.defaultBranch,
            private: each.private,
            archived: each.archived,
            clone: `${github.webUrl}/${state.fullName(each)}.git`,
          },
        ]),
      );
      return [
        id,
        {
          login,
          status: isSuspended ? 'suspended' : 'active',
          selection: installation.selection,
          repositories: isSuspended ? 'unknown' : repositories,
        },
      ];
    }),
  );
}

async function storedState(play: Play): Promise<State> {
  const rows = await getDb().installation.findMany({
    where: { id: { in: [...play.installationIds].map(BigInt) } },
    include: { repositories: { where: { removedAt: null } } },
  });
  const atGitHub = stateAtGitHub(play);
  return Object.fromEntries(
    rows.map((row) => {
      const repositories: Record<string, Repository> = Object.fromEntries(
        row.repositories.map((each) => [
          String(each.id),
          {
            name: `${each.owner}/${each.name}`,
            branch: each.defaultBranch,
            private: each.private,
            archived: each.archived,
            clone: each.cloneUrl,
          },
        ]),
      );
      const { accountLogin: login, status, repositorySelection: selection } = row;
      if (status === 'deleted') return [row.id, { login: '', status, selection: '', repositories }];
      // The app does not store repositories of an installation without a workspace.
      const isShown = status === 'active' && row.workspaceId !== null;
      const expected = atGitHub[String(row.id)]?.repositories;
      if (row.workspaceId === null) expect(repositories).toEqual({});
      const shown = isShown ? repositories : status === 'suspended' ? 'unknown' : expected;
      return [row.id, { login, status, selection, repositories: shown }];
    }),
  );
}

/**
 * Checks that the stored state equals GitHub's state. An installation that ended before the app learned of it may be
 * missing from the stored state.
 */
async function expectEqual(play: Play, when: string, view = (state: State): unknown => state): Promise<void> {
  const stored = await storedState(play);
  const expected = Object.fromEntries(
    Object.entries(stateAtGitHub(play)).filter(([id, { status }]) => status !== 'deleted' || id in stored),
  );
  expect(view(stored), when).toEqual(view(expected));
}

const withoutRepositories = (state: State): unknown =>
  Object.entries(state).map(([id, { login, status, selection }]) => ({ id, login, status, selection }));

/** Checks that the app stores no access that GitHub never granted, and that deleted installations stay deleted. */
async function expectNarrow(play: Play, deleted: Set<bigint>): Promise<void> {
  const rows = await getDb().installation.findMany({
    where: { id: { in: [...play.installationIds].map(BigInt) } },
    include: { repositories: { where: { removedAt: null } } },
  });
  for (const row of rows) {
    if (row.status === 'deleted') deleted.add(row.id);
    expect(deleted.has(row.id)).toBe(row.status === 'deleted');
    if (row.status === 'deleted') expect(row.repositories).toEqual([]);
    for (const { id } of row.repositories) expect(play.everShared).toContain(`${row.id}:${id}`);
  }
}

/**
 * Checks that no mint exceeds what GitHub grants. Tries every installation that ever existed, including those of other
 * workspaces, for all repositories and for a single repository.
 */
async function expectNoWiderMint(play: Play, pick: number): Promise<void> {
  const repositories = [...play.repositoryIds];
  const repositoryId = repositories[pick % repositories.length] ?? 0;
  const { workspace } = play.organizations[pick % 2 === 0 ? 0 : 1];
  const actor = await makeApiKeyActor({ id: workspace.workspaceId, slug: workspace.slug });
  for (const installationId of play.installationIds) {
    for (const asked of [undefined, [repositoryId]]) {
      const request = {
        installation_id: installationId,
        ...(asked === undefined ? {} : { repositories: asked }),
      };
      const minted = await mintToken({
        workspaceId: workspace.workspaceId,
        actor,
        origin: TEST_ORIGIN,
        request,
      }).catch((error: unknown) => {
        if (error instanceof Problem) return null;
        throw error;
      });
      if (minted === null) continue;
      mints++;
      expect(play.everActive).toContain(minted.installation_id);
      expect(minted.installation_id).toBe(installationId);
      if (asked !== undefined) {
        expect(minted.repositories?.map(({ id }) => id)).toEqual(asked);
        expect(play.everShared).toContain(`${installationId}:${repositoryId}`);
      }
    }
  }
}

const wasTaken = ({ guid }: Delivery) =>
  github.deliveries.list().some((each) => each.guid === guid && each.statusCode === 202);

/**
 * Checks that the app has applied every accepted webhook by the time it responds, before any reconcile or mint. For an
 * uninstall, only the suspected end must be stored by then, because confirming it with GitHub may take longer. The
 * installation must then become `deleted` on its own.
 */
async function expectTakenApplied(play: Play): Promise<void> {
  const rows = await getDb().installation.findMany({
    include: { repositories: { where: { removedAt: null } } },
  });
  const row = (id: number | null) => rows.find((each) => Number(each.id) === id);
  const expectEnd = async (id: number | null) => {
    if (row(id)?.status === 'deleted') return;
    expect(row(id)?.endSeenAt).toBeInstanceOf(Date);
    const statusOf = () =>
      getDb().installation.findUnique({ where: { id: id ?? 0 }, select: { status: true } });
    await expect.poll(statusOf).toEqual({ status: 'deleted' });
  };
  for (const [index, delivery] of github.deliveries.list().entries()) {
    const { event, action, installationId: id, payload } = delivery;
    if (delivery.redelivery || !wasTaken(delivery)) continue;
    if (event === 'installation' && action === 'deleted') await expectEnd(id);
    if (event !== 'installation_repositories' || action !== 'removed') continue;
    const stored = row(id)?.repositories.map((repository) => Number(repository.id)) ?? [];
    for (const removed of payload.repositories_removed as { id: number }[])
      if ((play.lastShared.get(`${id}:${removed.id}`) ?? 0) <= index)
        expect(stored).not.toContain(removed.id);
  }
}

/** Reads everything that a webhook may change. */
const everythingStored = () =>
  Promise.all([
    getDb().installation.findMany({ orderBy: { id: 'asc' } }),
    getDb().repository.findMany({ orderBy: [{ installationId: 'asc' }, { id: 'asc' }] }),
    getDb().auditEvent.count(),
  ]);

/** Delivers all webhooks again with syncs turned off, so that only the payloads can change the stored state. */
async function repeatDeliveries(play: Play): Promise<void> {
  receiver.syncsFollow = false;
  const before = await everythingStored();
  const newestFirst = [...github.deliveries.list()].reverse();
  for (const delivery of newestFirst.filter(wasTaken)) github.redeliver(delivery.id);
  await github.flush();
  expect(await everythingStored(), 'what took effect has none again').toEqual(before);
  github.knobs.set({ webhooks: { hold: false } });
  github.releaseWebhooks();
  for (const delivery of newestFirst) github.redeliver(delivery.id);
  await github.flush();
  const now = stateAtGitHub(play);
  const rows = await getDb().installation.findMany({
    where: { status: 'active', workspaceId: { not: null } },
    include: { repositories: { where: { removedAt: null } } },
  });
  for (const row of rows) {
    const { status, repositories } = now[String(row.id)] ?? {};
    expect(status, 'a late delivery widens nothing').toBe('active');
    for (const { id } of row.repositories) expect(repositories).toHaveProperty(String(id));
  }
  receiver.syncsFollow = true;
}

let run = 0;
let mints = 0;

async function playHistory({ steps, disturbance, forgetsLog }: History): Promise<void> {
  github.configureApp({ webhookUrl: WEBHOOK_URL });
  receiver.syncsFollow = true;
  await clearWorld(world);
  const play = await Play.begin(github, run++, disturbance);
  const deleted = new Set<bigint>();
  for (const step of steps) {
    await play.take(step);
    await expectNarrow(play, deleted);
    await expectTakenApplied(play);
    await expectNoWiderMint(play, step.pick);
  }
  // Deliver no webhooks from here on, so that reconcile must find the changes on GitHub itself.
  await play.settle();
  await github.flush();
  github.configureApp({ webhookUrl: null });
  if (forgetsLog) {
    // Without GitHub's delivery log, reconcile sees only the list of installations. All other changes are found by the
    // periodic sync, which is due after six hours.
    github.deliveries.clear();
    await reconcile();
    await expectEqual(play, 'after one reconcile by the list alone', withoutRepositories);
    await getDb().installation.updateMany({ data: { syncedAt: new Date(Date.now() - 7 * 3_600_000) } });
  }
  await reconcile();
  await expectEqual(play, 'after one reconcile');
  await expectNarrow(play, deleted);
  play.narrow();
  await reconcile();
  await expectEqual(play, 'after the accounts have narrowed what they share');

  // Deliver every webhook again, newest first, including those that were held back.
  github.configureApp({ webhookUrl: WEBHOOK_URL });
  await repeatDeliveries(play);
  await expectNarrow(play, deleted);
  await reconcile();
  await github.flush();
  await expectEqual(play, 'after late and repeated deliveries');
}

describe('any history on GitHub, with webhooks lost, late or repeated', () => {
  it('never leads to a token with more access than GitHub granted, and one reconcile restores GitHub’s state', async () => {
    console.info(`histories: HISTORIES_SEED=${SEED}`);
    await fc.assert(fc.asyncProperty(histories, playHistory), {
      seed: SEED,
      numRuns: RUNS,
      interruptAfterTimeLimit: TIME_LIMIT_MS,
      markInterruptAsFailure: false,
      endOnFailure: process.env.HISTORIES_SHRINK === undefined,
    });
    console.info(`histories: ${run} played, ${mints} mints`);
    expect(mints).toBeGreaterThan(0);
  }, 3_600_000);
});
