import type { components } from '@octokit/openapi-types';
import { isoSeconds } from '../clock';
import type { Urls } from '../settings';
import type { State } from '../state/store';
import type { Repository, RepositoryRole } from '../state/types';
import { simpleUser } from './accounts';

export type ApiRepository = components['schemas']['repository'];
export type RepositoryPermissions = NonNullable<ApiRepository['permissions']>;
/** The five fields of a repository that `installation` and `installation_repositories` webhooks contain. */
export type HookRepository = {
  id: number;
  node_id: string;
  name: string;
  full_name: string;
  private: boolean;
};

const API_URLS = {
  archive_url: '/{archive_format}{/ref}',
  assignees_url: '/assignees{/user}',
  blobs_url: '/git/blobs{/sha}',
  branches_url: '/branches{/branch}',
  collaborators_url: '/collaborators{/collaborator}',
  comments_url: '/comments{/number}',
  commits_url: '/commits{/sha}',
  compare_url: '/compare/{base}...{head}',
  contents_url: '/contents/{+path}',
  contributors_url: '/contributors',
  deployments_url: '/deployments',
  downloads_url: '/downloads',
  events_url: '/events',
  forks_url: '/forks',
  git_commits_url: '/git/commits{/sha}',
  git_refs_url: '/git/refs{/sha}',
  git_tags_url: '/git/tags{/sha}',
  hooks_url: '/hooks',
  issue_comment_url: '/issues/comments{/number}',
  issue_events_url: '/issues/events{/number}',
  issues_url: '/issues{/number}',
  keys_url: '/keys{/key_id}',
  labels_url: '/labels{/name}',
  languages_url: '/languages',
  merges_url: '/merges',
  milestones_url: '/milestones{/number}',
  notifications_url: '/notifications{?since,all,participating}',
  pulls_url: '/pulls{/number}',
  releases_url: '/releases{/id}',
  stargazers_url: '/stargazers',
  statuses_url: '/statuses/{sha}',
  subscribers_url: '/subscribers',
  subscription_url: '/subscription',
  tags_url: '/tags',
  teams_url: '/teams',
  trees_url: '/git/trees{/sha}',
} as const;
type ApiUrlKey = keyof typeof API_URLS;

function apiUrls(base: string): Record<ApiUrlKey, string> {
  const entries = Object.entries(API_URLS).map(([key, suffix]) => [key, `${base}${suffix}`]);
  return Object.fromEntries(entries) as Record<ApiUrlKey, string>;
}

/** Returns GitHub's `repository` object. `permissions` are the caller's. */
export function apiRepository(
  urls: Urls,
  state: State,
  repository: Repository,
  permissions?: RepositoryPermissions,
): ApiRepository {
  const fullName = state.fullName(repository);
  const web = `${urls.web}/${fullName}`;
  const api = `${urls.api}/repos/${fullName}`;
  const host = new URL(urls.web).host;
  return {
    id: repository.id,
    node_id: repository.nodeId,
    name: repository.name,
    full_name: fullName,
    private: repository.private,
    owner: simpleUser(urls, state.ownerOf(repository)),
    html_url: web,
    description: repository.description,
    fork: false,
    url: api,
    ...apiUrls(api),
    git_url: `git://${host}/${fullName}.git`,
    ssh_url: `git@${host}:${fullName}.git`,
    clone_url: `${web}.git`,
    svn_url: web,
    mirror_url: null,
    homepage: null,
    language: null,
    license: null,
    forks: 0,
    forks_count: 0,
    stargazers_count: 0,
    watchers: 0,
    watchers_count: 0,
    size: 0,
    default_branch: repository.defaultBranch,
    open_issues: 0,
    open_issues_count: 0,
    is_template: false,
    topics: [],
    has_issues: true,
    has_projects: true,
    has_wiki: true,
    has_pages: false,
    has_downloads: true,
    has_discussions: false,
    archived: repository.archived,
    disabled: false,
    visibility: repository.private ? 'private' : 'public',
    allow_forking: true,
    web_commit_signoff_required: false,
    pushed_at: isoSeconds(repository.pushedAt),
    created_at: isoSeconds(repository.createdAt),
    updated_at: isoSeconds(repository.updatedAt),
    ...(permissions && { permissions }),
  };
}

/** Returns GitHub's `full-repository`, which has more fields than a repository in a list. */
export function fullRepository(
  ...given: Parameters<typeof apiRepository>
): ApiRepository & Pick<components['schemas']['full-repository'], 'network_count' | 'subscribers_count'> {
  return { ...apiRepository(...given), network_count: 0, subscribers_count: 0 };
}

export function hookRepository(state: State, repository: Repository): HookRepository {
  return {
    id: repository.id,
    node_id: repository.nodeId,
    name: repository.name,
    full_name: state.fullName(repository),
    private: repository.private,
  };
}

const ROLES: Record<RepositoryRole, RepositoryPermissions> = {
  admin: { admin: true, maintain: true, push: true, triage: true, pull: true },
  maintain: { admin: false, maintain: true, push: true, triage: true, pull: true },
  push: { admin: false, maintain: false, push: true, triage: true, pull: true },
  triage: { admin: false, maintain: false, push: false, triage: true, pull: true },
  pull: { admin: false, maintain: false, push: false, triage: false, pull: true },
};

export function permissionsOfRole(role: RepositoryRole): RepositoryPermissions {
  return ROLES[role];
}

/** The permissions that GitHub returns to an installation token, which acts for no user and therefore has no role. */
export const INSTALLATION_PERMISSIONS: RepositoryPermissions = {
  admin: false,
  maintain: false,
  push: false,
  triage: false,
  pull: false,
};
