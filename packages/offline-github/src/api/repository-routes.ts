import { Hono } from 'hono';
import { isoSeconds } from '../clock';
import type { HttpContext, HttpEnv } from '../http-env';
import { organizationSimple } from '../present/accounts';
import {
  fullRepository,
  INSTALLATION_PERMISSIONS,
  permissionsOfRole,
  type RepositoryPermissions,
} from '../present/repositories';
import type { Repository } from '../state/types';
import type { World } from '../world';
import { contentsOf } from './contents';
import { authenticate, type Credential } from './credentials';
import { ApiError, notAccessible, notFound } from './errors';

/** Returns the endpoints for repositories and organizations. https://docs.github.com/en/rest/repos/repos */
export function repositoryRoutes(world: World): Hono<HttpEnv> {
  const { state, urls } = world;
  const routes = new Hono<HttpEnv>();

  /**
   * Finds the repository named in the request. Like GitHub, throws 404 if the caller isn't allowed to see it, and
   * returns a 301 response if the request uses a former name.
   */
  function readable(c: HttpContext): { repository: Repository; credential: Credential } | Response {
    const credential = authenticate(world, c);
    const fullName = `${c.req.param('owner')}/${c.req.param('repo')}`;
    const current = state.repositoryByName(fullName);
    const repository = current ?? state.repositoryByFormerName(fullName);
    if (!repository || !reads(world, credential, repository)) throw notFound();
    return current ? { repository, credential } : moved(world, repository);
  }

  const show = (repository: Repository, credential: Credential) =>
    fullRepository(urls, state, repository, permissionsFor(world, credential, repository));

  routes.get('/repos/:owner/:repo', (c) => {
    const found = readable(c);
    return found instanceof Response ? found : c.json(show(found.repository, found.credential));
  });

  routes.get('/repositories/:repository_id', (c) => {
    const credential = authenticate(world, c);
    const repository = state.repositories.get(Number(c.req.param('repository_id')));
    if (!repository || !reads(world, credential, repository)) throw notFound();
    return c.json(show(repository, credential));
  });

  for (const path of ['/repos/:owner/:repo/contents', '/repos/:owner/:repo/contents/:path{.+}']) {
    routes.get(path, async (c) => {
      const found = readable(c);
      if (found instanceof Response) return found;
      if (!readsContents(found.credential)) throw notAccessible();
      return c.json(await contentsOf(world, found.repository, c.req.param('path') ?? '', c.req.query('ref')));
    });
  }

  routes.on(
    ['POST', 'PUT', 'PATCH', 'DELETE'],
    ['/repos/:owner/:repo', '/repos/:owner/:repo/:rest{.+}'],
    (c) => {
      const found = readable(c);
      if (found instanceof Response) return found;
      const { credential } = found;
      const writes = credential.kind === 'installation' && credential.record.permissions.contents === 'write';
      if (!writes) throw notAccessible();
      throw new ApiError(501, `This GitHub does not write through the API: ${c.req.method} ${c.req.path}`);
    },
  );

  routes.get('/orgs/:org', (c) => {
    authenticate(world, c);
    const organization = state.accountByLogin(c.req.param('org'));
    if (organization?.type !== 'Organization') throw notFound();
    return c.json({
      ...organizationSimple(urls, organization),
      name: organization.name,
      html_url: `${urls.web}/${organization.login}`,
      type: 'Organization',
      has_organization_projects: true,
      has_repository_projects: true,
      public_repos: state.repositoriesOf(organization).filter((each) => !each.private).length,
      public_gists: 0,
      followers: 0,
      following: 0,
      created_at: isoSeconds(organization.createdAt),
      updated_at: isoSeconds(organization.createdAt),
      archived_at: null,
    });
  });

  return routes;
}

function reads(world: World, credential: Credential, repository: Repository): boolean {
  if (credential.kind === 'installation') {
    const { installation, record } = credential;
    const inScope = record.repositoryIds === null || record.repositoryIds.has(repository.id);
    return !repository.private || (inScope && world.state.covers(installation, repository));
  }
  if (credential.kind === 'user') {
    const { state } = world;
    const installation = state.installationOf(state.ownerOf(repository));
    const both = installation !== undefined && state.covers(installation, repository);
    if (both && state.roleOn(credential.user, repository) !== null) return true;
  }
  return !repository.private;
}

function readsContents(credential: Credential): boolean {
  return credential.kind !== 'installation' || credential.record.permissions.contents !== undefined;
}

function permissionsFor(
  world: World,
  credential: Credential,
  repository: Repository,
): RepositoryPermissions | undefined {
  if (credential.kind === 'installation') return INSTALLATION_PERMISSIONS;
  const role = credential.kind === 'user' ? world.state.roleOn(credential.user, repository) : null;
  return role ? permissionsOfRole(role) : undefined;
}

/**
 * Redirects to the repository's URL by id, as GitHub does after a rename.
 * https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects
 */
function moved(world: World, repository: Repository): Response {
  const url = `${world.urls.api}/repositories/${repository.id}`;
  const body = { message: 'Moved Permanently', url, documentation_url: 'https://docs.github.com/rest' };
  return Response.json(body, { status: 301, headers: { Location: url } });
}
