import { ConnectPanel } from '@/components/github/connect-panel';
import type { Connection } from '@/components/github/connection';
import { ConnectionCard } from '@/components/github/connection-card';
import { EndedConnections } from '@/components/github/ended-connections';
import { GitHubBoxes } from '@/components/github/github-boxes';
import { RecentChanges } from '@/components/github/recent-changes';
import { RepositoryList } from '@/components/github/repository-list';
import { StartAgain } from '@/components/github/start-again';
import { NoticeBanner } from '@/components/ui/notice';
import { CONNECT_OUTCOMES } from '@/lib/connect/outcomes';
import { doNothing } from './do-nothing';
import { HOSTILE, hostileRepositories, installation, pendingApproval, repositories } from './samples';
import { Section, State } from './section';

const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();

const CONNECTIONS: { label: string; connection: Connection; isAdmin?: boolean }[] = [
  { label: 'active', connection: { status: 'active', installation } },
  { label: 'active, for a member', connection: { status: 'active', installation }, isAdmin: false },
  {
    label: 'active, syncing',
    connection: {
      status: 'active',
      installation: {
        ...installation,
        sync_pending: true,
        synced_at: null,
        sync_progress: { read: 3200, total: 10_000 },
      },
    },
  },
  {
    label: 'active, sync failed',
    connection: { status: 'active', installation: { ...installation, sync_error: 'github_unavailable' } },
  },
  {
    label: 'active, some repositories unreadable',
    connection: { status: 'active', installation: { ...installation, skipped_count: 1 } },
  },
  {
    label: 'active, backing off',
    connection: {
      status: 'active',
      installation: { ...installation, sync_error: 'rate_limited', next_check_at: inMinutes(50) },
    },
  },
  ...(['ip_allow_list', 'permissions_not_granted', 'app_unknown', 'github_error'] as const).map(
    (sync_error) => ({
      label: `active, ${sync_error.replaceAll('_', ' ')}`,
      connection: { status: 'active' as const, installation: { ...installation, sync_error } },
    }),
  ),
  {
    label: 'suspended',
    connection: {
      status: 'suspended',
      installation: { ...installation, status: 'suspended', suspended_at: installation.synced_at },
    },
  },
  {
    label: 'deleted',
    connection: {
      status: 'deleted',
      installation: { ...installation, status: 'deleted', deleted_at: installation.synced_at },
    },
  },
  {
    label: 'waiting for approval',
    connection: { status: 'waiting_for_approval', request: pendingApproval },
  },
  {
    label: 'approved',
    connection: { status: 'approved', request: { ...pendingApproval, approved_installation_id: 7 } },
  },
  {
    label: 'hostile names',
    connection: {
      status: 'active',
      installation: {
        ...installation,
        account: { ...installation.account, login: HOSTILE.long },
        connected_by: `${HOSTILE.markup}${HOSTILE.rightToLeft}`,
        repository_selection: 'all',
        repository_count: 10_000,
      },
    },
  },
];

const list = {
  query: '',
  firstHref: null,
  nextHref: null,
  clearHref: '?part=github',
  syncing: false,
  accounts: [],
};

const changes = [
  {
    id: '1',
    at: installation.synced_at ?? '',
    kind: 'added' as const,
    account: 'acme',
    names: 'acme/api, acme/web',
  },
  {
    id: '2',
    at: installation.connected_at ?? '',
    kind: 'removed' as const,
    account: 'acme',
    names: HOSTILE.long,
  },
  {
    id: '3',
    at: installation.connected_at ?? '',
    kind: 'changed' as const,
    account: 'acme',
    names: HOSTILE.markup,
  },
];

export function GitHubStates() {
  return (
    <>
      <Section name="Not connected">
        <State label="for an admin">
          <ConnectPanel workspace="acme" isAdmin />
        </State>
        <State label="for a member">
          <ConnectPanel workspace="acme" isAdmin={false} />
        </State>
      </Section>
      <Section name="Connection">
        {CONNECTIONS.map(({ label, connection, isAdmin = true }) => (
          <State key={label} label={label}>
            <ConnectionCard
              connection={connection}
              workspace="acme"
              githubUrl="https://github.com"
              ourAddresses={['192.0.2.10', '2001:db8:ffff:ffff:ffff:ffff::/96']}
              isAdmin={isAdmin}
              actions={{ sync: doNothing, disconnect: doNothing, dismissRequest: doNothing }}
            />
          </State>
        ))}
      </Section>
      <Section name="Ended">
        <State label="folded up">
          <EndedConnections count={3} open={false}>
            …
          </EndedConnections>
        </State>
      </Section>
      <Section name="Repositories">
        <RepositoryList
          {...list}
          repositories={repositories}
          nextHref="?part=github"
          firstHref="?part=github"
        />
        <RepositoryList
          {...list}
          repositories={hostileRepositories}
          accounts={[
            { id: 1, login: 'acme', href: '?part=github', current: true },
            { id: 2, login: HOSTILE.long, href: '?part=github', current: false },
          ]}
        />
        <RepositoryList {...list} repositories={[]} />
        <RepositoryList {...list} repositories={[]} query={HOSTILE.markup} />
        <RepositoryList {...list} repositories={[]} syncing />
      </Section>
      <Section name="Lately">
        <RecentChanges changes={changes} />
      </Section>
      <Section name="Outcomes">
        {Object.entries(CONNECT_OUTCOMES).map(([code, outcome]) => (
          <State key={code} label={code}>
            <NoticeBanner
              notice={outcome}
              dismissHref="?part=github"
              actions={
                'actions' in outcome ? <StartAgain workspace="acme" intents={outcome.actions} /> : null
              }
            />
          </State>
        ))}
      </Section>
      <Section name="Loading">
        <State label="loading">
          <GitHubBoxes />
        </State>
      </Section>
    </>
  );
}
