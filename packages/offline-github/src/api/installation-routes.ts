import { Hono } from 'hono';
import type { HttpEnv } from '../http-env';
import { apiRepository, INSTALLATION_PERMISSIONS } from '../present/repositories';
import type { Repository } from '../state/types';
import type { World } from '../world';
import { type InstallationCredential, requireInstallation } from './credentials';
import { page } from './paging';

/** Returns the repositories that a token can read now: those in its scope that the installation still covers. */
export function tokenRepositories(
  world: World,
  { installation, record }: InstallationCredential,
): Repository[] {
  const covered = world.state.installationRepositories(installation);
  const scope = record.repositoryIds;
  return scope ? covered.filter(({ id }) => scope.has(id)) : covered;
}

/** Returns the endpoints that accept an installation token. https://docs.github.com/en/rest/apps/installations */
export function installationRoutes(world: World): Hono<HttpEnv> {
  const { urls, state } = world;
  const routes = new Hono<HttpEnv>();

  routes.get('/installation/repositories', (c) => {
    const credential = requireInstallation(world, c);
    const repositories = tokenRepositories(world, credential);
    const shown = page(c, urls, repositories);
    return c.json({
      total_count: repositories.length,
      repository_selection: credential.record.selection,
      repositories: shown.map((each) => apiRepository(urls, state, each, INSTALLATION_PERMISSIONS)),
    });
  });

  routes.delete('/installation/token', (c) => {
    world.tokens.revoke(requireInstallation(world, c).record);
    return c.body(null, 204);
  });

  return routes;
}
