import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { api } from './api/api';
import { controlRoutes } from './control/routes';
import { lfsRoutes } from './git/lfs-routes';
import { gitRoutes } from './git/routes';
import type { HttpEnv } from './http-env';
import { exchangeRoutes } from './oauth/exchange';
import { observe } from './observe';
import { pages } from './pages/pages';
import type { World } from './world';

/** Creates the HTTP server. Routes match in this order: control, API, OAuth, git, pages. */
export function createHttpServer(world: World): Server {
  const { apiBasePath, webBasePath } = world.urls;
  const app = new Hono<HttpEnv>();
  app.route('/_control', controlRoutes(world));
  app.use(observe(world));
  app.route(apiBasePath, api(world));
  app.route(webBasePath, exchangeRoutes(world));
  app.route(webBasePath, gitRoutes(world));
  app.route(webBasePath, lfsRoutes(world));
  app.route(webBasePath, pages(world));
  const server = createServer(getRequestListener(app.fetch, { overrideGlobalObjects: false }));
  // Keep idle connections open longer than any client does. Otherwise, we might close one just as a client sends a
  // request, and the client would conclude that GitHub is down.
  server.keepAliveTimeout = 120_000;
  return server;
}

export function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}
