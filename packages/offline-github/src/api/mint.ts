import type { components } from '@octokit/openapi-types';
import { isoSeconds } from '../clock';
import { apiRepository, INSTALLATION_PERMISSIONS } from '../present/repositories';
import type { Permissions } from '../settings';
import type { Installation, Repository } from '../state/types';
import type { World } from '../world';
import { ApiError } from './errors';

type InstallationToken = components['schemas']['installation-token'];

const DOCS = '/apps/apps#create-an-installation-access-token-for-an-app';
const MAX_REPOSITORIES = 500;
const RANK: Record<string, number> = { read: 1, write: 2, admin: 3 };

const invalid = (message: string): ApiError => new ApiError(422, message, { docs: DOCS });
const notGranted = (): ApiError => invalid('The permissions requested are not granted to this installation.');
const notThere = (): ApiError =>
  invalid(
    'There is at least one repository that does not exist or is not accessible to the parent installation.',
  );

/**
 * Handles `POST /app/installations/{installation_id}/access_tokens`. A request without permissions gets all of the
 * installation's permissions, and a request without repositories gets all its repositories. Empty values count as
 * absent.
 * https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app
 */
export function mint(
  world: World,
  installation: Installation,
  body: unknown,
  format: 'classic' | 'stateless',
): InstallationToken {
  const asked = parseBody(body);
  const { state, knobs, settings } = world;
  const permissions = {
    ...grantedPermissions(installation.permissions, asked.permissions),
    ...knobs.current.widenPermissions,
  };
  for (const name of knobs.current.withholdPermissions) delete permissions[name as keyof Permissions];
  const named = scopedRepositories(world, installation, asked);
  const repositories = named && widenedRepositories(world, installation, named);
  const widen = named && knobs.current.widenRepositories;
  const selection =
    widen && widen !== 'one_more' ? 'all' : repositories ? 'selected' : installation.selection;
  const { token, record } = world.tokens.issueInstallationToken(settings.id, format, {
    installationId: installation.id,
    permissions,
    selection,
    repositoryIds: repositories && new Set(repositories.map(({ id }) => id)),
    lagMs: knobs.current.replicationLagMs,
    lifetimeMs: knobs.current.tokenLifetimeMs,
  });
  return {
    token,
    expires_at: isoSeconds(record.expiresAt),
    permissions,
    ...(widen !== 'unsaid' && { repository_selection: selection }),
    ...(repositories &&
      widen !== 'unsaid' && {
        repositories: repositories.map((each) =>
          apiRepository(world.urls, state, each, INSTALLATION_PERMISSIONS),
        ),
      }),
  };
}

/** Returns the token's repositories: the requested ones, and any that the `widenRepositories` knob adds. */
function widenedRepositories(world: World, installation: Installation, asked: Repository[]): Repository[] {
  const { state, knobs } = world;
  const covered = () => [...state.repositories.values()].filter((each) => state.covers(installation, each));
  switch (knobs.current.widenRepositories) {
    case null:
    case 'selection':
      return asked;
    case 'one_more': {
      const more = covered().find((each) => !asked.includes(each));
      if (!more) throw new Error('the installation covers no repository besides those that were asked for');
      return [...asked, more];
    }
    case 'all':
    case 'unsaid':
      return covered();
  }
}

interface Asked {
  repositories: string[];
  repositoryIds: number[];
  permissions: Record<string, string> | null;
}

function parseBody(body: unknown): Asked {
  const given = (body ?? {}) as Record<string, unknown>;
  if (typeof given !== 'object' || Array.isArray(given)) throw invalid('Invalid request.');
  const { repositories = [], repository_ids: ids = [], permissions = null } = given;
  if (!Array.isArray(repositories) || !repositories.every((each) => typeof each === 'string')) {
    throw invalid('Invalid request. "repositories" must be an array of strings.');
  }
  if (!Array.isArray(ids) || !ids.every((each) => Number.isInteger(each))) {
    throw invalid('Invalid request. "repository_ids" must be an array of integers.');
  }
  if (repositories.length + ids.length > MAX_REPOSITORIES) {
    throw invalid(`You can list up to ${MAX_REPOSITORIES} repositories.`);
  }
  if (permissions !== null && (typeof permissions !== 'object' || Array.isArray(permissions))) {
    throw invalid('Invalid request. "permissions" must be an object.');
  }
  return { repositories, repositoryIds: ids, permissions: permissions as Record<string, string> | null };
}

/**
 * Returns the permissions for a token: all granted ones if none are requested, otherwise the requested ones and
 * `metadata: read`, which every token has.
 * @throws ApiError 422 if a requested permission is not granted
 */
function grantedPermissions(granted: Permissions, asked: Record<string, string> | null): Permissions {
  if (asked === null || Object.keys(asked).length === 0) return { ...granted };
  const have = granted as Record<string, string>;
  for (const [name, level] of Object.entries(asked)) {
    const rank = RANK[level] ?? Number.POSITIVE_INFINITY;
    if (rank > (RANK[have[name] ?? ''] ?? 0)) throw notGranted();
  }
  return { ...asked, metadata: 'read' };
}

function scopedRepositories(world: World, installation: Installation, asked: Asked): Repository[] | null {
  const { state } = world;
  if (asked.repositories.length + asked.repositoryIds.length === 0) return null;
  const { login } = state.account(installation.accountId);
  const found = [
    ...asked.repositoryIds.map((id) => state.repositories.get(id)),
    ...asked.repositories.map((name) => state.repositoryByName(`${login}/${name}`)),
  ];
  const repositories = new Map<number, Repository>();
  for (const repository of found) {
    if (!repository || !state.covers(installation, repository)) throw notThere();
    repositories.set(repository.id, repository);
  }
  return [...repositories.values()];
}
