/** Tests that a delivery which was answered with an error takes no effect afterwards. Needs a real PostgreSQL. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeInstallation, makeWorkspace } from '../auth/test-fixtures';
import { LANES } from '../db/pool';
import { signedDelivery, storedInstallation } from '../testing/test-scene';
import { startTestWorld } from '../testing/test-world';
import { receiveDelivery } from './receive';

// Shorter than in production, but longer than a delivery waits for a lock.
Object.assign(LANES.work, { leaseMs: 15_000 });
const world = await startTestWorld();
const owner = new pg.Client(world.environment.OWNER_DATABASE_URL);
beforeAll(() => owner.connect());
afterAll(() => owner.end());

it('repairs an uninstall by redelivery whose first delivery waited too long for the installation', async () => {
  const { id } = await makeInstallation((await makeWorkspace()).id, []);
  const guid = randomUUID();
  const deliver = () =>
    receiveDelivery(
      signedDelivery(
        world.github,
        'installation',
        {
          action: 'deleted',
          installation: { id, account: { id: 30001, login: 'acme', type: 'Organization' } },
          sender: { id: 20001 },
        },
        { guid },
      ),
    );
  await owner.query('BEGIN');
  await owner.query('SELECT FROM installations WHERE id = $1 FOR UPDATE', [id]);
  await expect(deliver()).rejects.toThrow();
  const { rows } = await owner.query<{ count: number }>(
    `SELECT count(*)::int FROM pg_locks JOIN pg_stat_activity a USING (pid)
      WHERE NOT granted AND a.datname = current_database()`,
  );
  await owner.query('COMMIT');
  expect(rows).toEqual([{ count: 0 }]);
  expect(await deliver()).toMatchObject({ outcome: 'handled' });
  expect(await storedInstallation(id)).toMatchObject({ status: 'deleted' });
});
