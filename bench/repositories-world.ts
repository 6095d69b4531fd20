/**
 * Sets up a workspace whose installation has access to 10,000 repositories on the offline GitHub, and another workspace
 * with 100 repositories already stored.
 */
import type { OfflineGitHub } from 'offline-github';
import type pg from 'pg';
import { ensureBuild } from '../local/app/build';
import { startAppServer } from '../local/app/server';
import { HttpBrowser } from '../local/clients/http-browser';
import { CUSTOMER, connectGitHub, createWorkspace, signIn } from '../local/demo/customer';
import { startServices } from '../local/services';
import {
  COUNTS_STATEMENTS,
  type DatabaseWork,
  measureDatabaseWork,
  prepareDatabaseWork,
} from './database-work';
import { admin, headersOf, withDatabase } from './operator';

export const LIST = 'GET /installation/repositories';

export interface RepositoriesWorld {
  /** The repositories of the large workspace. */
  count: number;
  appUrl: string;
  appPid: number;
  github: OfflineGitHub;
  installationId: number;
  headers(): Record<string, string>;
  /** Gives the small workspace the history of the large one, because its page shows the latest changes too. */
  copyHistory(): Promise<void>;
  database<T>(work: (db: pg.Client) => Promise<T>): Promise<T>;
  /** Runs `work` and returns what PostgreSQL did for the app meanwhile. */
  databaseWork(work: () => Promise<unknown>): Promise<DatabaseWork>;
  close(): Promise<void>;
}

export async function startRepositoriesWorld(count: number): Promise<RepositoriesWorld> {
  await ensureBuild({ quiet: true });
  const env = { GITHUB_TIMEOUT_MS: '30000', RECONCILE_INTERVAL_SECONDS: '0', TRUSTED_PROXY_HOPS: '1' };
  const services = await startServices({
    port: 3800,
    durable: true,
    postgresSettings: COUNTS_STATEMENTS,
    env,
  });
  const closing = [services.close];
  const close = async (): Promise<void> => {
    for (const each of closing.splice(0).reverse()) await each();
  };
  const database = <T>(work: (db: pg.Client) => Promise<T>) => withDatabase(services.database.ownerUrl, work);
  try {
    await prepareDatabaseWork(services);
    const app = await startAppServer({ mode: 'start', env: services.env });
    closing.push(app.stop);
    const { github } = services;
    const browser = new HttpBrowser();
    await signIn(browser, app.url);
    await createWorkspace(browser);
    await connectGitHub(browser, services, ['acme/api', 'acme/web']);
    const installation = [...github.state.installations.values()].at(-1);
    if (installation === undefined) throw new Error('no installation');
    // Drop webhooks, so that only the measured sync runs.
    github.knobs.set({ webhooks: { drop: 1 } });
    github.actions.createRepositories({ account: 'acme', count: count - 3 });
    github.actions.configure({ installation: installation.id, selection: 'all' });
    const small = ['workspace:create', '--slug', 'small', '--name', 'Small', '--owner', CUSTOMER.email];
    const made = (await admin(services.env, small)) as { owner_user_id?: string };
    await database((db) => storeHundred(db));
    return {
      count,
      appUrl: app.url,
      appPid: app.pid,
      github,
      installationId: installation.id,
      headers: await headersOf(services.env, made.owner_user_id ?? ''),
      copyHistory: () => database(copyHistory),
      database,
      databaseWork: (work) => measureDatabaseWork(services, work),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function storeHundred(db: pg.Client): Promise<void> {
  await db.query(
    `INSERT INTO installations (id, workspace_id, account_id, account_login, account_type, repository_selection, bound_at, synced_at)
      SELECT 70000001, id, 70000001, 'small', 'Organization', 'all', now(), now() FROM workspaces WHERE slug = 'small'`,
  );
  await db.query(
    `INSERT INTO repositories (id, installation_id, owner, name, clone_url, default_branch, private)
      SELECT 70000000 + n, 70000001, 'small', 'repo-' || lpad(n::text, 5, '0'), 'https://github.example/small.git', 'main', true
      FROM generate_series(1, 100) AS n`,
  );
}

async function copyHistory(db: pg.Client): Promise<void> {
  await db.query(
    `INSERT INTO audit_events (workspace_id, type, actor_type, actor_id, actor_label, request_id, details)
      SELECT small.id, type, actor_type, actor_id, actor_label, request_id, details
      FROM audit_events JOIN workspaces AS small ON small.slug = 'small' WHERE type LIKE 'github.repositories_%' ORDER BY seq`,
  );
  // PostgreSQL does this by itself some minutes after a first sync.
  await db.query('VACUUM ANALYZE repositories');
}
