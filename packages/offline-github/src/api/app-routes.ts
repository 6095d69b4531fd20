import type { components } from '@octokit/openapi-types';
import { Hono } from 'hono';
import { isoSeconds } from '../clock';
import type { HttpContext, HttpEnv } from '../http-env';
import { ownerOfApp, simpleUser } from '../present/accounts';
import { apiInstallation, apiInstallationRequest } from '../present/installations';
import type { Installation } from '../state/types';
import type { World } from '../world';
import { requireApp } from './credentials';
import { ApiError, notFound, suspended } from './errors';
import { mint } from './mint';
import { page } from './paging';

type Integration = NonNullable<components['schemas']['integration']>;

/** Returns the endpoints that accept the App's JWT. https://docs.github.com/en/rest/apps/apps */
export function appRoutes(world: World): Hono<HttpEnv> {
  const { state, settings, urls, actions } = world;
  const routes = new Hono<HttpEnv>();

  function installationOf(c: HttpContext): Installation {
    requireApp(world, c);
    const id = Number(c.req.param('installation_id'));
    const installation = state.installations.get(id);
    if (!installation) throw notFound();
    c.get('entry').installationId = id;
    return installation;
  }

  const show = (installation: Installation) => apiInstallation(urls, state, settings, installation);

  routes.get('/app', (c) => {
    requireApp(world, c);
    return c.json(presentApp(world));
  });

  routes.get('/app/installations', (c) => {
    requireApp(world, c);
    return c.json(page(c, urls, [...state.installations.values()]).map(show));
  });

  routes.get('/app/installations/:installation_id', (c) => c.json(show(installationOf(c))));

  routes.delete('/app/installations/:installation_id', (c) => {
    actions.uninstall({ installation: installationOf(c).id });
    return c.body(null, 204);
  });

  routes.put('/app/installations/:installation_id/suspended', (c) => {
    actions.suspend({ installation: installationOf(c).id });
    return c.body(null, 204);
  });

  routes.delete('/app/installations/:installation_id/suspended', (c) => {
    actions.unsuspend({ installation: installationOf(c).id });
    return c.body(null, 204);
  });

  routes.post('/app/installations/:installation_id/access_tokens', (c) => {
    const installation = installationOf(c);
    if (installation.suspendedAt !== null) throw suspended();
    if (c.get('malformedJson')) throw new ApiError(400, 'Problems parsing JSON');
    const answer = mint(world, installation, c.get('json'), tokenFormat(world, c));
    return c.json(answer, 201);
  });

  routes.get('/app/installation-requests', (c) => {
    requireApp(world, c);
    const requests = page(c, urls, [...state.installationRequests.values()]);
    return c.json(requests.map((request) => apiInstallationRequest(urls, state, request)));
  });

  for (const [path, kind] of [
    ['/orgs/:account/installation', 'Organization'],
    ['/users/:account/installation', 'User'],
  ] as const) {
    routes.get(path, (c) => {
      requireApp(world, c);
      const account = state.accountByLogin(c.req.param('account'));
      const installation = account?.type === kind ? state.installationOf(account) : undefined;
      if (!installation) throw notFound();
      return c.json(show(installation));
    });
  }

  routes.get('/repos/:owner/:repo/installation', (c) => {
    requireApp(world, c);
    const repository = state.repositoryByName(`${c.req.param('owner')}/${c.req.param('repo')}`);
    const installation = repository && state.installationOf(state.ownerOf(repository));
    if (!installation || !state.covers(installation, repository)) throw notFound();
    return c.json(show(installation));
  });

  return routes;
}

/**
 * Returns the format of the token to mint. As on GitHub, a request header can select it. Without that header, the
 * `tokenFormat` knob decides.
 */
function tokenFormat(world: World, c: HttpContext): 'classic' | 'stateless' {
  const asked = c.req.header('x-github-stateless-s2s-token');
  if (asked === 'enabled') return 'stateless';
  return asked === 'disabled' ? 'classic' : world.knobs.current.tokenFormat;
}

function presentApp(world: World): Integration {
  const { settings, state, urls, clock } = world;
  const owner = ownerOfApp(settings, state);
  if (!owner) throw notFound();
  return {
    id: settings.id,
    slug: settings.slug,
    client_id: settings.clientId,
    node_id: `A_${settings.id}`,
    owner: simpleUser(urls, owner),
    name: settings.name,
    description: '',
    external_url: urls.web,
    html_url: `${urls.web}/apps/${settings.slug}`,
    created_at: isoSeconds(owner.createdAt),
    updated_at: clock.iso(),
    permissions: settings.permissions as Record<string, string>,
    events: settings.events,
    installations_count: state.installations.size,
  };
}
