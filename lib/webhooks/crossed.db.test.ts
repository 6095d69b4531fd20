/** Tests that webhooks that affect several workspaces in opposite orders do not deadlock. Needs a real PostgreSQL. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { makeInstallation, makeWorkspace, readAudit } from '../auth/test-fixtures';
import { getDb } from '../db/client';
import { signedDelivery } from '../testing/test-scene';
import { startTestWorld } from '../testing/test-world';
import { receiveDelivery } from './receive';

const ROUNDS = 15;
const AT_ONCE = 4;

const world = await startTestWorld();
const owner = new pg.Client(world.environment.OWNER_DATABASE_URL);
const observer = new pg.Client(world.environment.OWNER_DATABASE_URL);
beforeAll(() => Promise.all([owner.connect(), observer.connect()]));
afterAll(() => Promise.all([owner.end(), observer.end()]));

/** Two repository ids. Each repository is stored for two installations in different workspaces, in opposite orders. */
let crossed: [one: number, other: number];
let workspaces: string[];
let last: number;
let nextId = 800_000;

beforeEach(async () => {
  const [one, other] = [await makeWorkspace(), await makeWorkspace()];
  workspaces = [one.id, other.id];
  const installations: number[] = [];
  for (const { id } of [one, other, other, one]) installations.push((await makeInstallation(id, [])).id);
  crossed = [nextId++, nextId++];
  await getDb().repository.createMany({
    data: installations.map((installationId, index) => ({
      id: crossed[index < 2 ? 0 : 1],
      installationId,
      owner: 'acme',
      name: 'moved',
      cloneUrl: 'x',
      defaultBranch: 'main',
      private: true,
    })),
  });
  last = installations[1] ?? 0;
});

const isShared = () =>
  getDb().repository.updateMany({ where: { id: { in: crossed } }, data: { removedAt: null } });

const deliver = (action: 'deleted' | 'transferred', repository: number) =>
  receiveDelivery(
    signedDelivery(world.github, 'repository', {
      action,
      repository: { id: repository },
      nonce: randomUUID(),
    }),
  ).then(
    ({ outcome }) => outcome,
    (error: Error) => error.message,
  );

/** Counts the connections to this database that are waiting for a lock. */
async function waiting(): Promise<number> {
  const { rows } = await observer.query<{ count: number }>(
    `SELECT count(DISTINCT pid)::int FROM pg_locks JOIN pg_stat_activity a USING (pid)
      WHERE NOT granted AND a.datname = current_database()`,
  );
  return rows[0]?.count ?? 0;
}

it.each(['deleted', 'transferred'] as const)(
  'applies two webhooks that a repository was %s, each starting with the other’s last workspace',
  async (action) => {
    await owner.query('BEGIN');
    await owner.query('SELECT FROM repositories WHERE installation_id = $1 FOR UPDATE', [last]);
    const first = deliver(action, crossed[0]);
    await expect.poll(waiting).toBe(1);
    let isOver = false;
    const second = deliver(action, crossed[1]).finally(() => {
      isOver = true;
    });
    await expect.poll(async () => isOver || (await waiting()) === 2).toBe(true);
    await owner.query('COMMIT');
    expect(await Promise.all([first, second])).toEqual(['handled', 'handled']);
    for (const workspace of workspaces)
      expect((await readAudit(workspace)).map(({ type }) => type)).toEqual([
        'github.repositories_removed',
        'github.repositories_removed',
      ]);
  },
);

it('applies many such webhooks concurrently', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const outcomes = await Promise.all(
      Array.from({ length: AT_ONCE }, (_, n) =>
        deliver(n < 2 ? 'deleted' : 'transferred', crossed[n % 2] ?? 0),
      ),
    );
    expect(outcomes).toEqual(Array.from({ length: AT_ONCE }, () => 'handled'));
    await isShared();
  }
});
