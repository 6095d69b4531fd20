/**
 * `npx tsx local/lint/reading-paths.ts` counts the shipped files in which a function runs, on four paths. These are a
 * mint by API key, a callback that binds, its first sync, and a delivery that removes a repository. Each path runs once
 * to warm up, and V8 records the second run. Fails if a path exceeds its limit in `local/lint/reading-path-limits.ts`.
 *
 * A callback starts the first sync and waits briefly for it. Reconcile and webhooks start the same sync, so the sync
 * counts as a separate path. While we record the callback, the sync's lease is already taken, so the callback counts
 * only the files up to the lease. We record the sync afterwards.
 *
 * `--files` prints the names of the files. `--functions` prints their functions too.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { Session } from 'node:inspector/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { encode } from 'next-auth/jwt';
import { HttpBrowser } from '../clients/http-browser';
import { OWN_PORTS } from '../process/free-port';
import { startServices } from '../services';
import { judge, type PathName } from './reading-path-limits';

const ROOT = path.resolve(import.meta.dirname, '../..');
const SHIPPED = /^(?:app|lib)\//;
const ADDED_BY_ESBUILD = '__name';
const BROWSER = 'b'.repeat(43);
const ONE_DAY_MS = 24 * 60 * 60 * 1000;

const services = await startServices({ port: OWN_PORTS, env: { RECONCILE_INTERVAL_SECONDS: '0' } });
Object.assign(process.env, services.env);
const { github, appUrl } = services;
// Set this global before loading any other module, as Next's server does.
Object.assign(globalThis, { AsyncLocalStorage });

// The routes read the configuration when they are loaded, so load them only now.
const [
  { NextRequest },
  mint,
  callback,
  webhook,
  connect,

  keys,
  workspaces,
  auth,
  db,
  syncs,
  limiter,
  { metrics },
  { log },
  storage,
  unit,
] = await Promise.all([
  import('next/server.js'),
  import('../../app/api/v1/internal/github/token/route'),
  import('../../app/api/github/callback/route'),
  import('../../app/api/github/webhooks/route'),
  import('../../lib/connect/flow'),
  import('../../lib/api-keys/manage'),
  import('../../lib/workspace/create'),
  import('../../lib/auth/sign-in'),
  import('../../lib/db/client'),
  import('../../lib/sync/sync'),
  import('../../lib/rate-limit/limiter'),
  import('../../lib/observability/metrics'),
  import('../../lib/observability/log'),
  import('next/dist/server/app-render/work-async-storage.external.js'),
  import('next/dist/server/app-render/work-unit-async-storage.external.js'),
]);
log.level = 'silent';

const inspector = new Session();
inspector.connect();
await inspector.post('Profiler.enable');
await inspector.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });

/** Runs `work` and returns, for each shipped file, the functions that ran meanwhile. */
async function record(work: () => Promise<void>): Promise<Map<string, string[]>> {
  await inspector.post('Profiler.takePreciseCoverage');
  await work();
  const { result } = await inspector.post('Profiler.takePreciseCoverage');
  const ran = new Map<string, string[]>();
  for (const { url, functions } of result) {
    if (!url.startsWith('file://')) continue;
    const file = path.relative(ROOT, fileURLToPath(url));
    if (!SHIPPED.test(file) || file.startsWith('lib/db/generated/')) continue;
    const names = functions
      .filter(({ ranges: [whole] }) => whole !== undefined && whole.count > 0)
      .map(({ functionName }) => functionName || '(anonymous)')
      .filter((name) => name !== ADDED_BY_ESBUILD);
    if (names.length > 0) ran.set(file, names);
  }
  return ran;
}

/** Calls a handler as Next does, but drops any work that the handler schedules to run after its response. */
function inNext<T>(work: () => Promise<T>): Promise<T> {
  const workStore = { afterContext: { after: () => {} } };
  return storage.workAsyncStorage.run(workStore as never, () =>
    unit.workUnitAsyncStorage.run({ type: 'request', phase: 'action' } as never, work),
  );
}

function request(
  url: string,
  init: { method?: string; headers?: Record<string, string>; body?: Buffer | string },
) {
  const headers = { 'x-forwarded-for': '192.0.2.1', ...init.headers };
  const { method = 'GET', body } = init;
  return new NextRequest(new URL(url, appUrl), {
    method,
    headers,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : new Uint8Array(body) }),
  });
}

async function expectStatus(response: Response, status: number): Promise<void> {
  if (response.status !== status)
    throw new Error(`${response.status} instead of ${status}: ${await response.text()}`);
}

const webhookStatuses: number[] = [];
const server = createServer(async (incoming, outgoing) => {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
  );
  const delivery = request('/api/github/webhooks', { method: 'POST', headers, body: Buffer.concat(chunks) });
  const { status } = await inNext(() => webhook.POST(delivery, { params: Promise.resolve({}) }));
  webhookStatuses.push(status);
  outgoing.writeHead(status).end();
});
await new Promise<void>((resolve) => server.listen(services.port, '127.0.0.1', resolve));

const origin = { requestId: 'reading-paths', clientIp: '192.0.2.1', userAgent: null };

/** Creates a workspace with an admin. */
async function newWorkspace(slug: string) {
  return db.inTransaction(async (tx) => {
    const email = `${slug}@acme.test`;
    const userId = await auth.findOrCreateUser(tx, email);
    const actor = { type: 'user', id: userId, label: email } as const;
    const { id } = await workspaces.createWorkspaceIn(tx, { slug, name: slug }, userId, { actor, origin });
    return { id, actor };
  });
}

/**
 * Takes a browser through the flow up to the callback.
 *
 * @returns `visit`, which calls the callback
 */
async function upToCallback(slug: string, account: string, login: string) {
  const { id: workspaceId, actor } = await newWorkspace(slug);
  const begun = await connect.startConnect({
    workspaceId,
    actor,
    origin,
    intent: 'install',
    browser: BROWSER,
  });
  const state = new URL(begun).searchParams.get('state') ?? '';
  const { id: installationId } = github.actions.install({ account, by: login });
  await github.flush();
  const authorizeUrl = await connect.handleSetup(
    { installationId, setupAction: 'install', state },
    actor,
    origin,
    BROWSER,
  );
  const browser = new HttpBrowser((url) => url.origin !== new URL(github.webUrl).origin);
  await browser.open(`${github.webUrl}/login`);
  await browser.press(`Sign in as ${login}`);
  await browser.open(authorizeUrl);
  if (browser.status === 200) await browser.press(`Authorize ${github.app.name}`);
  const session = await encode({
    token: { sub: actor.id, auth_time: Math.floor(Date.now() / 1000) },
    secret: services.env.NEXTAUTH_SECRET ?? '',
  });
  const cookie = `next-auth.session-token=${session}; pulsestream.browser=${BROWSER}`;
  const visit = async () => {
    const response = await inNext(() =>
      callback.GET(request(browser.url.href, { headers: { cookie } }), { params: Promise.resolve({}) }),
    );
    const notice = new URL(response.headers.get('location') ?? '', appUrl).searchParams.get('notice');
    if (notice !== 'connected') throw new Error(`the callback ended with ${response.status}, ${notice}`);
  };
  return { visit, workspaceId, actor, installationId };
}

/**
 * Waits until rate limits are counted in Redis. After a slow response, the app counts requests without Redis, so the
 * recording would lack the files with the Redis code.
 */
async function storeAnswers(): Promise<void> {
  for (;;) {
    await limiter.limitWork('new_workspace', randomUUID());
    if ((await metrics.rateLimitDegraded.get()).values.every(({ value }) => value === 0)) return;
    // Without Redis, the limiter does no I/O. A loop of promises alone would keep Redis' response from being read.
    await setTimeout(20);
  }
}

/**
 * Prints how many files ran, with their names if a flag asks for them.
 *
 * @returns true if the path stayed within its limit
 */
async function report(name: PathName, ran: Map<string, string[]>): Promise<boolean> {
  const { line, fault } = judge(name, [...ran.keys()]);
  console.log(line);
  if (fault !== undefined) console.error(fault);
  const withFunctions = process.argv.includes('--functions');
  if (!withFunctions && !process.argv.includes('--files')) return fault === undefined;
  for (const [file, functions] of [...ran].sort()) {
    const lines = (await readFile(path.join(ROOT, file), 'utf8')).split('\n').length - 1;
    const names = withFunctions ? `  ${[...new Set(functions)].join(' ')}` : '';
    console.log(`${String(lines).padStart(6)}  ${file}${names}`);
  }
  return fault === undefined;
}

let withinLimits = false;
try {
  const first = await upToCallback('first', 'acme', 'olivia');
  await first.visit();
  await syncs.syncInstallation(first.installationId);
  const second = await upToCallback('second', 'sam', 'sam');
  const leaseUntil = (until: Date | null) =>
    db.getDb().installation.update({
      where: { id: second.installationId },
      data: { syncLeasedUntil: until },
    });
  await leaseUntil(new Date(Date.now() + ONE_DAY_MS));
  await storeAnswers();
  const callbackRan = await record(second.visit);
  await leaseUntil(null);
  const firstSyncRan = await record(async () => {
    const outcome = await syncs.syncInstallation(second.installationId);
    if (outcome !== 'synced') throw new Error(`the first sync ended with ${outcome}`);
  });

  const by = { workspaceId: first.workspaceId, actor: first.actor, origin };
  const { key } = await keys.createApiKey(by, { name: 'engine' });
  const mintOnce = async () => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const wanted = request('/api/v1/internal/github/token', {
      method: 'POST',
      headers,
      body: JSON.stringify({ repositories: ['acme/web'] }),
    });
    await expectStatus(await inNext(() => mint.POST(wanted, { params: Promise.resolve({}) })), 201);
  };
  await mintOnce();
  await storeAnswers();
  const mintRan = await record(mintOnce);

  const removeOne = async (repository: string) => {
    webhookStatuses.length = 0;
    github.actions.removeRepositories({ installation: first.installationId, repositories: [repository] });
    await github.flush();
    if (webhookStatuses.join() !== '202') throw new Error(`the delivery got ${webhookStatuses}`);
  };
  await removeOne('acme/web');
  const removalRan = await record(() => removeOne('acme/api'));

  const reports = [
    await report('mint', mintRan),
    await report('callback', callbackRan),
    await report('first sync', firstSyncRan),
    await report('removal', removalRan),
  ];
  withinLimits = reports.every((isWithin) => isWithin);
} finally {
  server.close();
  server.closeAllConnections();
  await db.closeDb();
  await services.close();
}
process.exit(withinLimits ? 0 : 1);
