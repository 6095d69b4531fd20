import { Hono } from 'hono';
import type { HttpEnv } from '../http-env';
import { ownerOfApp, simpleUser } from '../present/accounts';
import type { World } from '../world';
import { notFound } from './errors';

/**
 * Returns the endpoint that converts a manifest's code to an App.
 * https://docs.github.com/en/rest/apps/apps#create-a-github-app-from-a-manifest
 */
export function manifestRoutes(world: World): Hono<HttpEnv> {
  const { urls, clock, state } = world;
  const routes = new Hono<HttpEnv>();
  routes.post('/app-manifests/:code/conversions', (c) => {
    const app = world.manifests.convert(c.req.param('code'));
    const owner = app && ownerOfApp(app, state);
    if (!app || !owner) throw notFound();
    return c.json(
      {
        id: app.id,
        slug: app.slug,
        node_id: `A_${app.id}`,
        owner: simpleUser(urls, owner),
        name: app.name,
        description: '',
        external_url: urls.web,
        html_url: `${urls.web}/apps/${app.slug}`,
        created_at: clock.iso(),
        updated_at: clock.iso(),
        permissions: app.permissions,
        events: app.events,
        client_id: app.clientId,
        client_secret: app.clientSecret,
        webhook_secret: app.webhookSecret,
        pem: app.privateKey,
      },
      201,
    );
  });
  return routes;
}
