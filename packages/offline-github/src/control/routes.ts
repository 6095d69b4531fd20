import { Hono } from 'hono';
import type { Actions } from '../actions/actions';
import { Lookup } from '../actions/lookup';
import { summarizeAccount, summarizeInstallation, summarizeRepository } from '../actions/summaries';
import type { AuditEntry } from '../audit-log';
import type { HttpEnv } from '../http-env';
import type { Fault, KnobChanges } from '../knobs';
import type { RequestFilter } from '../request-log';
import { type AppSettings, configureApp } from '../settings';
import { ActionError } from '../state/types';
import type { World } from '../world';

const LISTED_REPOSITORIES = 1_000;

/**
 * Serves `/_control`, which lets tests in other processes drive this server. The real GitHub has no such routes.
 * Changes require a JSON body. A web page from another origin can't send one without CORS, so it can't change anything
 * here.
 */
export function controlRoutes(world: World): Hono<HttpEnv> {
  const { settings, knobs, requests, hooks, auditLog, state, urls } = world;
  const find = new Lookup(state);
  const routes = new Hono<HttpEnv>();

  routes.use(async (c, next) => {
    const isRead = c.req.method === 'GET';
    if (!isRead && !(c.req.header('content-type') ?? '').startsWith('application/json')) {
      return c.json({ error: 'send application/json' }, 415);
    }
    return next();
  });
  routes.onError((error, c) => c.json({ error: error.message }, error instanceof ActionError ? 422 : 500));

  routes.get('/', (c) => c.json({ web_url: urls.web, api_url: urls.api }));

  routes.get('/app', (c) => c.json(settings));
  routes.patch('/app', async (c) => {
    configureApp(settings, world.keys, await c.req.json<Partial<AppSettings>>());
    return c.json(settings);
  });

  routes.post('/actions/:name', async (c) => {
    const name = c.req.param('name');
    if (!Object.hasOwn(world.actions, name)) return c.json({ error: `no action ${name}` }, 404);
    const action = world.actions[name as keyof Actions] as (input: unknown) => unknown;
    const result = await action(await c.req.json());
    return c.json({ result: result ?? null });
  });

  routes.get('/knobs', (c) => c.json(knobs.describe()));
  routes.patch('/knobs', async (c) => {
    knobs.set(await c.req.json<KnobChanges>());
    return c.json(knobs.describe());
  });
  routes.put('/knobs/latency', async (c) => {
    const { route, ms } = await c.req.json<{ route: string; ms: number }>();
    knobs.latency(route, ms);
    return c.json(knobs.describe());
  });
  routes.post('/knobs/faults', async (c) => {
    const { route, fault, times } = await c.req.json<{ route: string; fault: Fault; times?: number }>();
    knobs.failNext(route, fault, times);
    return c.json(knobs.describe());
  });
  routes.delete('/knobs', (c) => {
    knobs.reset();
    return c.json(knobs.describe());
  });

  routes.get('/requests', (c) => {
    const { status, since, ...rest } = c.req.query();
    const filter: RequestFilter = {
      ...(rest as RequestFilter),
      ...(status !== undefined && { status: Number(status) }),
      ...(since !== undefined && { since: Number(since) }),
    };
    return c.json(requests.filter(filter));
  });
  routes.delete('/requests', (c) => {
    requests.clear();
    return c.json({ result: null });
  });

  routes.get('/deliveries', (c) => c.json(hooks.log.list()));
  routes.delete('/deliveries', (c) => {
    hooks.log.clear();
    return c.json({ result: null });
  });
  routes.post('/deliveries/release', (c) => c.json({ result: hooks.release() }));
  routes.post('/deliveries/:id/attempts', (c) => c.json({ result: hooks.redeliver(c.req.param('id')) }));
  routes.post('/flush', async (c) => {
    await hooks.flush();
    return c.json({ result: null });
  });

  routes.delete('/complaints', (c) => c.json({ result: world.complaints?.take() ?? [] }));

  routes.get('/audit-log', (c) => c.json(auditLog.list(c.req.query() as Partial<AuditEntry>)));

  routes.get('/head/:owner/:repo', async (c) => {
    const repository = find.repository(`${c.req.param('owner')}/${c.req.param('repo')}`);
    return c.json({ sha: await world.git.head(repository) });
  });

  routes.get('/state', (c) =>
    c.json({
      accounts: [...state.accounts.values()].map(summarizeAccount),
      installations: [...state.installations.values()].map((each) => summarizeInstallation(state, each)),
      repositories: [...state.repositories.values()]
        .slice(0, LISTED_REPOSITORIES)
        .map((each) => summarizeRepository(state, urls.web, each)),
      requests: [...state.installationRequests.values()],
      liveTokens: world.tokens.list().map(({ kind, hash }) => ({ kind, hash })),
    }),
  );

  return routes;
}
