/**
 * Starts the production build with everything it needs. The app's replicas, PostgreSQL, Redis and GitHub are processes of
 * their own, so a fault hits them from outside.
 */
import pg from 'pg';
import { type Customer, createCustomer } from '../../e2e/server/own-server';
import { type AppServer, startAppServer } from '../../local/app/server';
import { connectAccount } from '../../local/clients/connect-account';
import { findFreePort, OWN_PORTS } from '../../local/process/free-port';
import { appOn, environmentOf } from '../../local/services';
import { runAsSuperuser } from '../../local/services/postgres/databases';
import {
  type RestartablePostgres,
  startRestartablePostgres,
} from '../../local/services/postgres/restartable';
import { type GitHubProcess, startGitHubProcess } from './github';
import { type CounterStore, startCounterStore } from './store';
import { TcpProxy } from './tcp-proxy';
import { until } from './until';

export interface WorldOptions {
  replicas?: number;
  /** Variables to add to the app's environment. */
  env?: Record<string, string>;
  store?: CounterStore['name'];
  storeThroughProxy?: boolean;
  gitHubThroughProxy?: boolean;
}

export interface World {
  env: Record<string, string>;
  /** The replicas. The first one listens on `NEXTAUTH_URL`. */
  apps: AppServer[];
  app: AppServer;
  github: GitHubProcess;
  gitHubProxy: TcpProxy | undefined;
  postgres: RestartablePostgres;
  ownerUrl: string;
  store: CounterStore;
  /** Starts a stopped or killed replica again, on its port. */
  restartApp(index: number): Promise<void>;
  /** Counts statements that begin with this text and wait for a lock in PostgreSQL. */
  countWaiting(statement: string): Promise<number>;
  /** Runs one statement with the database owner role. */
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const closing: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    const failures: unknown[] = [];
    for (const each of closing.splice(0).reverse()) await each().catch((error) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  };
  const track = <T extends { close(): Promise<unknown> }>(service: T): T => {
    closing.push(() => service.close());
    return service;
  };
  try {
    const postgres = await startRestartablePostgres();
    closing.push(() => postgres.stop());
    const database = await postgres.createMigratedDatabase('pulsestream');
    const store = track(
      await startCounterStore({
        ...(options.store && { kind: options.store }),
        throughProxy: options.storeThroughProxy ?? false,
      }),
    );
    const github = track(await startGitHubProcess());
    const port = await findFreePort(OWN_PORTS);
    const appUrl = `http://localhost:${port}`;
    const settings = await github.configureApp(appOn(appUrl));
    const gitHubProxy = options.gitHubThroughProxy
      ? track(await TcpProxy.start(new URL(github.apiUrl)))
      : undefined;
    const {
      UPSTASH_REDIS_REST_URL: _url,
      UPSTASH_REDIS_REST_TOKEN: _token,
      ...common
    } = environmentOf({
      options: {},
      port,
      appUrl,
      database,
      store: { url: '', token: '' },
      github: {
        app: settings,
        webUrl: github.webUrl,
        apiUrl: gitHubProxy?.inFrontOf(github.apiUrl) ?? github.apiUrl,
      },
    });
    const env = { ...common, ...store.env, ...options.env };
    const apps: AppServer[] = [];
    const start = (on: number): Promise<AppServer> =>
      startAppServer({ mode: 'start', env: { ...env, PORT: String(on) }, url: `http://localhost:${on}` });
    for (let index = 0; index < (options.replicas ?? 1); index++) {
      apps.push(await start(index === 0 ? port : await findFreePort(port + index)));
      closing.push(async () => apps[index]?.stop());
    }
    const first = apps[0] as AppServer;
    return {
      env,
      apps,
      get app() {
        return apps[0] ?? first;
      },
      github,
      gitHubProxy,
      postgres,
      ownerUrl: database.ownerUrl,
      store,
      restartApp: async (index) => {
        apps[index] = await start(Number(new URL(apps[index]?.url ?? '').port));
      },
      countWaiting: (statement) =>
        // The owner role doesn't see the statements of other roles.
        runAsSuperuser(postgres.current(), async (client) => {
          const waiting =
            "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND starts_with(query, $1)";
          return (await client.query(waiting, [statement])).rowCount ?? 0;
        }),
      query: async (text, values) => {
        const client = new pg.Client(database.ownerUrl);
        await client.connect();
        return client
          .query(text, values)
          .then(({ rows }) => rows)
          .finally(() => client.end());
      },
      close,
    };
  } catch (error) {
    await close().catch(() => {});
    throw error;
  }
}

export interface Connected extends Customer {
  installationId: number;
}

/** Creates a workspace with an owner and an API key, and connects an account of the local GitHub to it. */
export async function connectCustomer(
  world: World,
  {
    login = 'olivia',
    account = 'acme',
    repositories = ['api', 'web'],
  }: { login?: string; account?: string; repositories?: readonly string[] } = {},
): Promise<Connected> {
  const { env, github } = world;
  const customer = await createCustomer(env);
  const [{ repositories: all }, { name: appName }] = await Promise.all([github.state(), github.app()]);
  const idOf = (name: string) => all.find(({ fullName }) => fullName === `${account}/${name}`)?.id ?? 0;
  await connectAccount({
    appUrl: env.NEXTAUTH_URL ?? '',
    secret: env.NEXTAUTH_SECRET ?? '',
    userId: customer.ownerId,
    slug: customer.slug,
    appName,
    login,
    account,
    repositoryIds: repositories.map(idOf),
  });
  await github.flush();
  await untilSynced(world);
  const installation = (await github.state()).installations.find((each) => each.account === account);
  return { ...customer, installationId: installation?.id ?? 0 };
}

/** Waits until no sync is pending or running. */
export async function untilSynced({ query }: World): Promise<void> {
  const underWay =
    'SELECT id FROM installations WHERE sync_requested_at IS NOT NULL OR sync_lease IS NOT NULL';
  await until('the end of all syncs', async () => (await query(underWay)).length === 0);
}
