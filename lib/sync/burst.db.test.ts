import { expect, it } from 'vitest';
import { makeApiKeyActor, TEST_ORIGIN } from '../auth/test-fixtures';
import { inTransaction } from '../db/client';
import { requestSync } from '../installation/transitions';
import { connectedScene, storedInstallation } from '../testing/test-scene';
import { startTestWorld } from '../testing/test-world';
import { mintToken } from '../token/mint';
import { BACKGROUND_SYNCS, syncInBackground } from './queue';

const GET = 'GET /app/installations/{installation_id}';
/** More syncs than there are slots for calls to GitHub. */
const BURST = 60;

const world = await startTestWorld();
const { github } = world;

it('neither delays nor refuses mints during a burst of syncs while GitHub is slow, and completes every sync', async () => {
  const { workspaceId, slug } = await connectedScene(world, { account: 'acme', by: 'olivia' });
  const actor = await makeApiKeyActor({ id: workspaceId, slug });
  const ids = Array.from({ length: BURST }, (_, n) => {
    github.actions.createOrganization({ login: `customer-${n}`, owner: 'sam' });
    return github.actions.install({ account: `customer-${n}`, by: 'sam' }).id;
  });
  await github.flush();
  for (const id of ids) await inTransaction((tx) => requestSync(tx, id));
  github.requests.clear();

  const held = Array.from({ length: BACKGROUND_SYNCS }, () => github.knobs.holdNextAnswer(GET));
  const syncs = Promise.all([...ids, ...ids].map(syncInBackground));
  await Promise.all(held.map(({ arrived }) => arrived));
  const mints = await Promise.all(
    Array.from({ length: 20 }, () =>
      mintToken({
        workspaceId,
        actor,
        origin: TEST_ORIGIN,
        request: {},
      }),
    ),
  );
  expect(mints).toHaveLength(20);
  // GitHub has not responded to any sync yet, so the mints did not have to wait for a sync to end.
  expect(github.requests.filter({ route: GET }).map(({ status }) => status)).toEqual(
    Array.from({ length: BACKGROUND_SYNCS }, () => null),
  );

  for (const { release } of held) release();
  await syncs;
  for (const id of ids) expect((await storedInstallation(id)).syncRequestedAt).toBeNull();
  // Each sync was queued twice but ran only once.
  expect(github.requests.filter({ route: GET })).toHaveLength(BURST);
});
