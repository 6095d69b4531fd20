import type { Hono } from 'hono';
import type { HttpEnv } from '../http-env';
import type { World } from '../world';
import { authorizePages } from './authorize';
import { installPages } from './install';
import { installationPages } from './installations';
import { logPages } from './logs';
import { manifestPages } from './manifest';
import { PageKit, pageNotFound } from './page';
import { repositoryPages } from './repositories';
import { signInPages } from './sign-in';

/** Returns the routes of all pages. */
export function pages(world: World): Hono<HttpEnv> {
  const kit = new PageKit(world);
  const routes = kit.router();
  for (const part of [
    signInPages,
    authorizePages,
    manifestPages,
    installPages,
    installationPages,
    logPages,
    repositoryPages,
  ]) {
    routes.route('/', part(kit));
  }
  routes.all('*', () => {
    throw pageNotFound();
  });
  return routes;
}
