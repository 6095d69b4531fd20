/** Sets up workspaces with one installation each, all equal to what GitHub lists, so a reconcile pass has nothing to do. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { ensureBuild } from '../local/app/build';
import { startAppServer } from '../local/app/server';
import { type Services, startServices } from '../local/services';
import {
  COUNTS_STATEMENTS,
  type DatabaseWork,
  measureDatabaseWork,
  prepareDatabaseWork,
} from './database-work';
import { withDatabase } from './operator';

export interface Pass extends DatabaseWork {
  /** The number of calls to GitHub, by route. */
  calls: Record<string, number>;
  /** How long the pass took, in milliseconds. */
  time: number;
}

export interface ReconcileWorld {
  /** Adds workspaces with an installation until there are `count`. */
  growTo(count: number): Promise<void>;
  /**
   * Runs one pass over HTTP.
   *
   * @throws if the pass found anything to do
   */
  pass(): Promise<Pass>;
  close(): Promise<void>;
}

const SOMEBODY = 'octo-admin';

export async function startReconcileWorld(): Promise<ReconcileWorld> {
  await ensureBuild({ quiet: true });
  const env = { GITHUB_TIMEOUT_MS: '30000', RECONCILE_INTERVAL_SECONDS: '0' };
  const services = await startServices({
    port: 3900,
    durable: true,
    postgresSettings: COUNTS_STATEMENTS,
    env,
  });
  const closing = [services.close];
  const close = async (): Promise<void> => {
    for (const each of closing.splice(0).reverse()) await each();
  };
  try {
    await prepareDatabaseWork(services);
    const app = await startAppServer({ mode: 'start', env: services.env });
    closing.push(app.stop);
    const { github } = services;
    // Drop webhooks, which would all be delivered to this app.
    github.knobs.set({ webhooks: { drop: 1 } });
    github.actions.createUser({ login: SOMEBODY });
    let count = 0;
    return {
      growTo: async (wanted) => {
        await connect(services, count, wanted);
        count = wanted;
      },
      pass: () => runPass(services, count),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Installs the App on new accounts, and stores what a bind and a sync a minute ago would have stored. */
async function connect({ github, database }: Services, from: number, until: number): Promise<void> {
  const installations: { id: number; accountId: number; login: string }[] = [];
  for (let index = from; index < until; index += 1) {
    const login = `many-${index}`;
    const { id: accountId } = github.actions.createOrganization({ login, owner: SOMEBODY });
    const { id } = github.actions.install({ account: login, by: SOMEBODY });
    installations.push({ id, accountId, login });
    // Let the servers of this process answer in between.
    if (index % 100 === 0) await sleep(0);
  }
  github.deliveries.clear();
  await withDatabase(database.ownerUrl, async (db) => {
    await db.query(
      `WITH given AS (
          SELECT * FROM jsonb_to_recordset($1::jsonb) AS g (id bigint, "accountId" bigint, login text)
        ), made AS (INSERT INTO workspaces (slug, name) SELECT login, login FROM given RETURNING id, slug)
        INSERT INTO installations (id, workspace_id, account_id, account_login, account_type, repository_selection,
          bound_at, synced_at)
        SELECT g.id, made.id, g."accountId", g.login, 'Organization', 'all', now(), now() - interval '1 minute'
        FROM given AS g JOIN made ON made.slug = g.login`,
      [JSON.stringify(installations)],
    );
    // PostgreSQL does this by itself within minutes.
    await db.query('VACUUM ANALYZE installations');
  });
}

async function runPass(services: Services, count: number): Promise<Pass> {
  const { appUrl, env, github } = services;
  github.requests.clear();
  const started = performance.now();
  const { result, ...work } = await measureDatabaseWork(services, async () => {
    const response = await fetch(`${appUrl}/api/internal/reconcile`, {
      method: 'POST',
      headers: { authorization: `Bearer ${env.CRON_SECRET}` },
    });
    return response.text();
  });
  const time = performance.now() - started;
  const expected = { listed: count, discovered: 0, synced: 0, uninstalled: 0, redelivered: 0 };
  if (!isDeepStrictEqual(JSON.parse(result), expected))
    throw new Error(`a pass with nothing to do answered ${result}`);
  const calls: Record<string, number> = {};
  for (const { route } of github.requests.list()) calls[route] = (calls[route] ?? 0) + 1;
  return { ...work, calls, time };
}
