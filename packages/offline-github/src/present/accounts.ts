import type { components } from '@octokit/openapi-types';
import type { AppSettings, Urls } from '../settings';
import type { State } from '../state/store';
import type { Account } from '../state/types';

export type SimpleUser = components['schemas']['simple-user'];
export type OrganizationSimple = components['schemas']['organization-simple'];

/** Returns GitHub's `simple-user`, which describes a person or an organization. */
export function simpleUser(urls: Urls, account: Account): SimpleUser {
  const api = `${urls.api}/users/${account.login}`;
  return {
    login: account.login,
    id: account.id,
    node_id: account.nodeId,
    avatar_url: `${urls.web}/avatars/${account.login}`,
    gravatar_id: '',
    url: api,
    html_url: `${urls.web}/${account.login}`,
    followers_url: `${api}/followers`,
    following_url: `${api}/following{/other_user}`,
    gists_url: `${api}/gists{/gist_id}`,
    starred_url: `${api}/starred{/owner}{/repo}`,
    subscriptions_url: `${api}/subscriptions`,
    organizations_url: `${api}/orgs`,
    repos_url: `${api}/repos`,
    events_url: `${api}/events{/privacy}`,
    received_events_url: `${api}/received_events`,
    type: account.type,
    user_view_type: 'public',
    site_admin: false,
  };
}

/** Returns the account that owns the App, or undefined if there is none. */
export function ownerOfApp({ ownerId }: AppSettings, { accounts }: State): Account | undefined {
  if (ownerId !== undefined) return accounts.get(ownerId);
  return [...accounts.values()].find(({ type }) => type === 'Organization');
}

export function organizationSimple(urls: Urls, account: Account): OrganizationSimple {
  const api = `${urls.api}/orgs/${account.login}`;
  return {
    login: account.login,
    id: account.id,
    node_id: account.nodeId,
    url: api,
    repos_url: `${api}/repos`,
    events_url: `${api}/events`,
    hooks_url: `${api}/hooks`,
    issues_url: `${api}/issues`,
    members_url: `${api}/members{/member}`,
    public_members_url: `${api}/public_members{/member}`,
    avatar_url: `${urls.web}/avatars/${account.login}`,
    description: '',
  };
}
