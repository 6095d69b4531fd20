import { Hono } from 'hono';
import { isoSeconds } from '../clock';
import type { HttpEnv } from '../http-env';
import { simpleUser } from '../present/accounts';
import { apiInstallation } from '../present/installations';
import { apiRepository, permissionsOfRole } from '../present/repositories';
import type { Account, Installation, Repository, RepositoryRole } from '../state/types';
import type { World } from '../world';
import { requireUser } from './credentials';
import { notFound } from './errors';
import { page } from './paging';

type Reached = { repository: Repository; role: RepositoryRole };

/**
 * Returns the installation's repositories in which the user has a role. Read access to a public repository does not
 * count as a role.
 */
function reached(world: World, user: Account, installation: Installation): Reached[] {
  const { state } = world;
  return state.installationRepositories(installation).flatMap((repository) => {
    const role = state.roleOn(user, repository);
    return role ? [{ repository, role }] : [];
  });
}

/**
 * True if GitHub lists the installation for this user. A role in just one of its repositories is enough, so being
 * listed doesn't prove that the user administers the account.
 * https://docs.github.com/en/rest/apps/installations#list-app-installations-accessible-to-the-user-access-token
 */
function sees(world: World, user: Account, installation: Installation): boolean {
  const { state } = world;
  if (state.administers(user, state.account(installation.accountId))) return true;
  return state.installationRepositories(installation).some((each) => state.roleOn(user, each) !== null);
}

/** Returns the endpoints that accept a user token. */
export function userRoutes(world: World): Hono<HttpEnv> {
  const { state, urls, settings } = world;
  const routes = new Hono<HttpEnv>();

  routes.get('/user', (c) => {
    const { user } = requireUser(world, c);
    return c.json({
      ...simpleUser(urls, user),
      name: user.name,
      company: null,
      blog: '',
      location: null,
      email: user.email,
      hireable: null,
      bio: null,
      twitter_username: null,
      public_repos: state.repositoriesOf(user).filter((each) => !each.private).length,
      public_gists: 0,
      followers: 0,
      following: 0,
      created_at: isoSeconds(user.createdAt),
      updated_at: isoSeconds(user.createdAt),
    });
  });

  routes.get('/user/installations', (c) => {
    const { user } = requireUser(world, c);
    const seen = [...state.installations.values()].filter((each) => sees(world, user, each));
    return c.json({
      total_count: seen.length,
      installations: page(c, urls, seen).map((each) => apiInstallation(urls, state, settings, each)),
    });
  });

  routes.get('/user/installations/:installation_id/repositories', (c) => {
    const { user } = requireUser(world, c);
    const installation = state.installations.get(Number(c.req.param('installation_id')));
    if (!installation || !sees(world, user, installation)) throw notFound();
    const all = reached(world, user, installation);
    return c.json({
      total_count: all.length,
      repository_selection: installation.selection,
      repositories: page(c, urls, all).map(({ repository, role }) =>
        apiRepository(urls, state, repository, permissionsOfRole(role)),
      ),
    });
  });

  return routes;
}
