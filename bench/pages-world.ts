/** Sets up the pages to measure: a large workspace, an empty one, and a session of the user who owns both. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureBuild } from '../local/app/build';
import { startAppServer } from '../local/app/server';
import { HttpBrowser } from '../local/clients/http-browser';
import { CUSTOMER, connectGitHub, createWorkspace, signIn } from '../local/demo/customer';
import { OWN_PORTS } from '../local/process/free-port';
import { type Services, startServices } from '../local/services';
import { admin, withDatabase } from './operator';

/** How much the large workspace has. */
export interface PagesSize {
  repositories: number;
  events: number;
}

export interface PagesWorld {
  appUrl: string;
  session: { name: string; value: string; url: string }[];
  /** The id of an API key in the large workspace. */
  keyId: string;
  close(): Promise<void>;
}

export async function startPagesWorld(size: PagesSize): Promise<PagesWorld> {
  await ensureBuild({ quiet: true });
  const services = await startServices({ port: OWN_PORTS, env: { GITHUB_TIMEOUT_MS: '30000' } });
  const closing = [() => services.close()];
  const close = async (): Promise<void> => {
    for (const each of closing.splice(0).reverse()) await each();
  };
  try {
    const app = await startAppServer({ mode: 'start', env: services.env });
    closing.push(() => app.stop());
    const browser = new HttpBrowser();
    await signIn(browser, app.url);
    await createWorkspace(browser);
    await connectGitHub(browser, services, ['acme/api', 'acme/web']);
    const keyId = await fill(services, size);
    const session = browser
      .cookieHeader(app.url)
      .split('; ')
      .map((pair) => {
        const [name = '', ...value] = pair.split('=');
        return { name, value: value.join('='), url: app.url };
      });
    return { appUrl: app.url, session, keyId, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Fills the large workspace.
 *
 * @returns the id of one of its API keys
 */
async function fill(services: Services, { repositories, events }: PagesSize): Promise<string> {
  const { env, github, database } = services;
  const acme = ['--workspace', CUSTOMER.workspace];
  await admin(env, ['workspace:create', '--slug', 'globex', '--name', 'Globex', '--owner', CUSTOMER.email]);
  await admin(env, ['member:add', ...acme, '--email', 'sam@acme.test', '--role', 'admin']);
  const { id } = await admin(env, ['api-key:create', ...acme, '--name', 'analysis-engine']);
  const [installation] = github.state.installations.values();
  if (installation === undefined || id === undefined) throw new Error('the workspace is not as expected');
  github.actions.createRepositories({ account: 'acme', count: repositories });
  github.actions.configure({ installation: installation.id, selection: 'all' });
  await github.flush();
  await waitForRepositories(services, repositories);
  await withDatabase(database.ownerUrl, (db) =>
    db.query(
      `INSERT INTO audit_events (workspace_id, type, actor_type, actor_id, actor_label, installation_id, client_ip,
          user_agent, request_id, details)
        SELECT w.id, 'github.token_minted', 'api_key', $2, 'analysis-engine', $1::bigint, '203.0.113.7', 'engine/1.0',
          'bench-' || n, jsonb_build_object('repositories', 'all', 'permissions', '{"contents":"read","metadata":"read"}'::jsonb,
            'expires_at', '2026-01-01T00:00:00.000Z', 'hashed_token', encode(sha256(n::text::bytea), 'base64'))
        FROM workspaces AS w, generate_series(1, $3::int) AS n WHERE w.slug = $4`,
      [installation.id, id, events, CUSTOMER.workspace],
    ),
  );
  return id;
}

/**
 * Waits until all repositories have been synced. The first sync may have fetched some pages before the selection
 * changed, so this keeps calling reconcile until the list is complete.
 */
async function waitForRepositories({ env, appUrl, database }: Services, repositories: number): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (Date.now() < deadline) {
    await fetch(`${appUrl}/api/internal/reconcile`, {
      method: 'POST',
      headers: { authorization: `Bearer ${env.CRON_SECRET}` },
    });
    const stored = await withDatabase(database.ownerUrl, (db) =>
      db.query<{ count: string }>('SELECT count(*) FROM repositories WHERE removed_at IS NULL'),
    );
    if (Number(stored.rows[0]?.count) >= repositories) return;
    await sleep(500);
  }
  throw new Error('the repositories were not synced');
}
