import { Hono } from 'hono';
import type { HttpEnv } from '../http-env';
import type { World } from '../world';
import { appRoutes } from './app-routes';
import { applicationRoutes } from './application-routes';
import { ApiError, answerError } from './errors';
import { hookRoutes } from './hook-routes';
import { installationRoutes } from './installation-routes';
import { manifestRoutes } from './manifest-routes';
import { rateLimit } from './rate-limit';
import { repositoryRoutes } from './repository-routes';
import { userRoutes } from './user-routes';

/** Builds the REST API. An unimplemented route responds with 501, so no test passes by accident. */
export function api(world: World): Hono<HttpEnv> {
  const routes = new Hono<HttpEnv>();
  const limit = rateLimit(world);
  routes.use(limit.middleware);
  routes.use(async (c, next) => {
    await next();
    c.header('X-GitHub-Media-Type', 'github.v3; format=json');
    c.header('X-GitHub-Api-Version-Selected', c.req.header('x-github-api-version') ?? '2022-11-28');
    c.header('Cache-Control', 'no-store');
  });
  routes.onError(answerError);
  routes.get('/rate_limit', (c) => {
    const core = limit.current(c.req.header('authorization') ?? '');
    return c.json({
      resources: { core, search: { ...core, limit: 30, remaining: 30, used: 0 } },
      rate: core,
    });
  });
  for (const part of [
    appRoutes,
    hookRoutes,
    manifestRoutes,
    installationRoutes,
    userRoutes,
    applicationRoutes,
    repositoryRoutes,
  ]) {
    routes.route('/', part(world));
  }
  routes.all('*', (c) => {
    throw new ApiError(501, `This GitHub does not implement ${c.req.method} ${c.req.path}`);
  });
  return routes;
}
