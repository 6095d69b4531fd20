/** Covers two processes that reconcile concurrently. They must divide the work, not both do it. */
import { expect, test } from '@playwright/test';
import pg from 'pg';
import type { AppServer } from '../../local/app/server';
import { connectedCustomer } from './connected-customer';
import { createCustomer, type OwnServer, startOwnServer, startReplica } from './own-server';

const LIST = 'GET /app/installations';
const LOOK = 'GET /app/installations/{installation_id}';
const MINT = 'POST /app/installations/{installation_id}/access_tokens';
const REPOSITORIES = 'GET /installation/repositories';

const ACCOUNTS = [
  ['olivia', 'acme', ['api', 'web']],
  ['eve', 'globex', ['reactor', 'website']],
  ['sam', 'initech', ['tps-reports']],
] as const;

let server: OwnServer;
let replica: AppServer;
const installationIds: number[] = [];

test.beforeAll(async () => {
  // Starting several processes one after another takes a long time.
  test.setTimeout(600_000);
  // The reconcile loop is off, because the test starts each pass itself. GitHub's timeout is long, because the test
  // delays one of its responses while the other process works.
  server = await startOwnServer({ RECONCILE_INTERVAL_SECONDS: '0', GITHUB_TIMEOUT_MS: '60000' });
  replica = await startReplica(server);
  for (const [login, account, repositories] of ACCOUNTS) {
    const customer = await createCustomer(server.services.env);
    installationIds.push(await connectedCustomer(server, customer, login, account, repositories));
  }
});
test.afterAll(async () => {
  await replica?.stop();
  await server?.close();
});

async function reconcile({ url }: AppServer): Promise<{ synced: number }> {
  const response = await fetch(`${url}/api/internal/reconcile`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.services.env.CRON_SECRET}` },
  });
  expect(response.status).toBe(200);
  return response.json();
}

test('two processes that reconcile concurrently share the due syncs and run each once', async () => {
  const { github } = server.services;
  await github.flush();
  await reconcile(server.app);
  const database = new pg.Client({ connectionString: server.services.database.ownerUrl });
  await database.connect();
  await database.query("UPDATE installations SET synced_at = now() - interval '7 hours'");
  await database.end();
  github.requests.clear();

  // Hold back GitHub's response to the first sync until both processes are reconciling.
  const { arrived, release } = github.knobs.holdNextAnswer(REPOSITORIES);
  const first = reconcile(server.app);
  await arrived;
  const second = reconcile(replica);
  await expect.poll(() => github.requests.filter({ route: LIST }).length).toBe(2);
  await expect.poll(() => github.requests.filter({ route: REPOSITORIES, status: 200 }).length).toBe(2);
  release();
  const reports = await Promise.all([first, second]);

  expect(reports.reduce((sum, { synced }) => sum + synced, 0)).toBe(ACCOUNTS.length);
  for (const route of [LOOK, MINT])
    expect(
      github.requests
        .filter({ route })
        .map(({ path }) => Number(/installations\/(\d+)/.exec(path)?.[1]))
        .sort(),
    ).toEqual([...installationIds].sort());
  expect(github.requests.filter({ route: REPOSITORIES })).toHaveLength(ACCOUNTS.length);

  // Nothing has changed, so the next pass fetches only the list of installations.
  github.requests.clear();
  const again = await Promise.all([reconcile(server.app), reconcile(replica)]);
  expect(again.map(({ synced }) => synced)).toEqual([0, 0]);
  expect(github.requests.filter({ route: LOOK })).toEqual([]);
});
