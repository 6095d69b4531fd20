import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Actions, createActions } from './actions/actions';
import { Lookup } from './actions/lookup';
import { AuditLog } from './audit-log';
import { seedCast } from './cast';
import { Clock } from './clock';
import { Complaints } from './description/complaints';
import { GitStore } from './git/store';
import { Knobs } from './knobs';
import { OAuthCodes } from './oauth/codes';
import { Manifests } from './oauth/manifests';
import { Sessions } from './pages/sessions';
import { RequestLog } from './request-log';
import { createHttpServer, listen } from './server';
import { AppKeys, type AppSettings, configureApp, createAppSettings, type Urls } from './settings';
import { loadState, saveState } from './state/saved';
import { State } from './state/store';
import { Tokens } from './tokens';
import type { DeliveryLog } from './webhooks/delivery-log';
import { Dispatcher } from './webhooks/dispatcher';
import { type SignedDelivery, signDelivery } from './webhooks/sign';
import type { World } from './world';

export interface OfflineGitHubOptions {
  /** 0, the default, takes any free port. */
  port?: number;
  host?: string;
  /** The origin in its links and URLs, without a trailing slash, if clients reach it through a proxy. */
  origin?: string;
  apiBasePath?: string;
  webBasePath?: string;
  app?: Partial<AppSettings>;
  /**
   * A folder that keeps the App, accounts, installations and git repositories between starts. The first start and
   * `close` save them.
   * Tokens, sessions and logs are not kept. Without a folder, `close` deletes the git repositories.
   */
  stateFolder?: string;
  seed?: boolean;
  /**
   * False turns off the checks against GitHub's OpenAPI description. By default, a violation fails the test or `close`.
   */
  holdToDescription?: boolean;
}

export interface OfflineGitHub {
  /** Where it listens. The URLs below have the same origin, unless the option `origin` names another. */
  readonly address: string;
  /** The value for GITHUB_WEB_URL, without a trailing slash. */
  readonly webUrl: string;
  /** The value for GITHUB_API_URL, without a trailing slash. */
  readonly apiUrl: string;
  readonly app: AppSettings;
  readonly state: State;
  readonly actions: Actions;
  readonly knobs: Knobs;
  readonly requests: RequestLog;
  readonly auditLog: AuditLog;
  readonly deliveries: DeliveryLog;
  /** Violations of GitHub's OpenAPI description by this server or its clients. */
  readonly complaints: Complaints;
  /** Changes the App's settings. A new `privateKey` replaces all keys; use `actions.addAppKey` to rotate. */
  configureApp(changes: Partial<AppSettings>): AppSettings;
  /** Signs a delivery as GitHub would, for tests that send it themselves. */
  signDelivery(event: string, payload: unknown, given?: { secret?: string; guid?: string }): SignedDelivery;
  /** Returns the SHA of the default branch's newest commit. */
  headOf(fullName: string): Promise<string>;
  redeliver(deliveryId: string): boolean;
  /** Sends the deliveries held back by the `hold` knob. Returns their number. */
  releaseWebhooks(): number;
  /** Resolves when no webhook is queued, delayed or being sent. Held webhooks stay held. */
  flush(): Promise<void>;
  /**
   * Stops the server.
   *
   * @throws if complaints are left
   */
  close(): Promise<void>;
}

/** Starts a GitHub on this machine. It accepts requests when the promise resolves. */
export async function startOfflineGitHub(options: OfflineGitHubOptions = {}): Promise<OfflineGitHub> {
  const { host = '127.0.0.1', apiBasePath = '/api/v3', webBasePath = '' } = options;
  const { stateFolder } = options;
  const home = stateFolder ?? (await mkdtemp(join(tmpdir(), 'offline-github-')));
  const saved = stateFolder === undefined ? null : await loadState(stateFolder);
  const complaints = new Complaints();
  const held = (options.holdToDescription ?? true) ? complaints : null;
  const world = createWorld(options, saved, home, held, {
    origin: '',
    web: '',
    api: '',
    apiBasePath,
    webBasePath,
  });
  // The App's secrets outlive a process that is killed later.
  if (stateFolder !== undefined && saved === null) await saveState(stateFolder, world.settings, world.state);
  const server = createHttpServer(world);
  const port = await listen(server, options.port ?? 0, host);
  const { urls } = world;
  const address = `http://${host === '0.0.0.0' || host === '127.0.0.1' ? 'localhost' : host}:${port}`;
  urls.origin = options.origin ?? address;
  urls.web = `${urls.origin}${webBasePath}`;
  urls.api = `${urls.origin}${apiBasePath}`;
  const find = new Lookup(world.state);
  return {
    address,
    webUrl: urls.web,
    apiUrl: urls.api,
    app: world.settings,
    state: world.state,
    actions: world.actions,
    knobs: world.knobs,
    requests: world.requests,
    auditLog: world.auditLog,
    deliveries: world.hooks.log,
    complaints,
    configureApp: (changes) => configureApp(world.settings, world.keys, changes),
    signDelivery: (event, payload, given) => signDelivery(world.settings, event, payload, given),
    headOf: (fullName) => world.git.head(find.repository(fullName)),
    redeliver: (deliveryId) => world.hooks.redeliver(deliveryId),
    releaseWebhooks: () => world.hooks.release(),
    flush: () => world.hooks.flush(),
    close: async () => {
      world.hooks.close();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      if (stateFolder === undefined) await rm(home, { recursive: true, force: true });
      else await saveState(stateFolder, world.settings, world.state);
      complaints.assertNone();
    },
  };
}

function createWorld(
  options: OfflineGitHubOptions,
  saved: Awaited<ReturnType<typeof loadState>>,
  home: string,
  complaints: Complaints | null,
  urls: Urls,
): World {
  const clock = new Clock();
  const state = saved?.state ?? new State();
  const settings = createAppSettings({ ...saved?.app, ...options.app });
  const keys = new AppKeys(settings.privateKey);
  const knobs = new Knobs(clock);
  if (!saved && (options.seed ?? true)) seedCast(state, clock.now());
  const parts = {
    settings,
    keys,
    urls,
    clock,
    state,
    tokens: new Tokens(clock),
    auditLog: new AuditLog(clock),
    hooks: new Dispatcher(settings, clock, knobs, complaints),
    git: new GitStore(home, clock),
    complaints,
  };
  return {
    ...parts,
    knobs,
    codes: new OAuthCodes(clock),
    manifests: new Manifests(settings, keys, clock),
    sessions: new Sessions(state),
    requests: new RequestLog(),
    actions: createActions(parts),
  };
}
