import { Plus } from 'lucide-react';
import type { Metadata } from 'next';
import { orFirstPage, orNotNow } from '@/app/page-reads';
import { readSorting } from '@/app/page-sorting';
import { firstValue, type Query, type SearchParams } from '@/app/request';
import { InstallationChoice } from '@/components/github/connect-choices';
import { ConnectForm, SignOnLink, StartAgain } from '@/components/github/connect-form';
import { ConnectPanel } from '@/components/github/connect-panel';
import { type Connection, ConnectionCard } from '@/components/github/connection-card';
import { EndedConnections } from '@/components/github/ended-connections';
import { GitHubActionBoxes, GitHubBoxes } from '@/components/github/github-boxes';
import { MintingStopped } from '@/components/github/minting-stopped';
import { PendingConfirmations } from '@/components/github/pending-confirmations';
import { RecentChanges } from '@/components/github/recent-changes';
import { RepositoryList } from '@/components/github/repository-list';
import { PageHeader } from '@/components/shell/page-header';
import { PendingPage } from '@/components/shell/pending-page';
import { Alert } from '@/components/ui/alert';
import { LiveRefresh } from '@/components/ui/live-refresh';
import { NoticeBanner } from '@/components/ui/notice';
import type { UserActor } from '@/lib/actor';
import type { Membership } from '@/lib/auth/session';
import { getConfig } from '@/lib/config';
import { listPendingApprovals, listPendingConfirmations } from '@/lib/connect/approvals';
import { hasRole } from '@/lib/contract/members';
import { REPOSITORY_SORTS } from '@/lib/contract/sort';
import { hrefWith } from '@/lib/http/href-with';
import { type InstallationView, listInstallations } from '@/lib/installation/list';
import { listRepositories } from '@/lib/installation/list-repositories';
import { type FirstSteps, readFirstSteps } from '@/lib/workspace/first-steps';
import { listMintingStops } from '@/lib/workspace/minting-stops';
import { linksFor } from '../../links-for';
import { memberOf } from '../../member-of';
import { connectChosen, disconnect, dismissRequest, syncNow } from './actions';
import { noticeNow } from './notices';
import { choosableInstallations, recentChanges, repositoriesQuery } from './page-data';
import { StepsBox, StepsToClone } from './steps-to-clone';

export const metadata: Metadata = { title: 'GitHub' };

/** Seconds between refreshes, while something is pending and otherwise. */
const REFRESH = { pending: 3, idle: 5 };

type GitHubSettingsProps = { params: Promise<{ workspace: string }>; searchParams: SearchParams };

const HEAD = {
  title: 'GitHub',
  description: 'Which repositories PulseStream may read, and through which accounts.',
};

export default async function GitHubSettingsPage({ params, searchParams }: GitHubSettingsProps) {
  const { user, workspace } = await memberOf((await params).workspace);
  // Read before the boxes are shown, because their sizes depend on it.
  const steps = hasRole(workspace.role, 'admin') ? await readFirstSteps(workspace.id, user.id) : null;
  return (
    <PendingPage
      label="Loading the GitHub connection"
      head={HEAD}
      actions={<GitHubActionBoxes />}
      boxes={<GitHubBoxes steps={steps === null ? null : <StepsBox workspace={workspace} steps={steps} />} />}
      className="gap-8"
    >
      <GitHubSettings user={user} workspace={workspace} steps={steps} query={await searchParams} />
    </PendingPage>
  );
}

type ContentProps = { user: UserActor; workspace: Membership; steps: FirstSteps | null; query: Query };

async function GitHubSettings({ user, workspace, steps, query }: ContentProps) {
  const isAdmin = hasRole(workspace.role, 'admin');
  const repositoryQuery = repositoriesQuery(query);
  const path = `/w/${workspace.slug}/settings/github`;
  const q = repositoryQuery.q ?? '';
  const everything = { workspaceId: workspace.id, repositoryIds: null };
  const attempt = firstValue(query.attempt);
  const kept = { q, installation_id: repositoryQuery.installation_id?.toString() };
  const { sorting, shown } = readSorting(REPOSITORY_SORTS, query, path, kept);
  const firstHref = hrefWith(path, shown);
  const [installations, repositories, choices, approvals, changes, confirmations, stops] = await Promise.all([
    listInstallations(workspace.id),
    orNotNow(
      orFirstPage(
        listRepositories(everything, { ...repositoryQuery, order: sorting.sorted.order }),
        firstHref,
      ),
    ),
    choosableInstallations(attempt, workspace, user.id),
    listPendingApprovals(workspace.id),
    orNotNow(recentChanges(workspace.id)),
    listPendingConfirmations(workspace.id),
    listMintingStops(workspace.id),
  ]);
  const live = installations.filter(({ status }) => status !== 'deleted');
  const people = [
    ...installations.map(({ connected_by }) => connected_by),
    ...approvals.map(({ requested_by }) => requested_by),
  ];
  const links = await linksFor(workspace, people);
  const ended = installations.filter(({ status }) => status === 'deleted');
  const syncing = live.some(({ sync_pending, synced_at }) => sync_pending || synced_at === null);
  const { github, egressAddresses } = getConfig();
  const notice = noticeNow(query, { live, approvals, choices, ourAddresses: egressAddresses });

  const card = (connection: Connection) => (
    <ConnectionCard
      key={'attempt_id' in connection ? connection.attempt_id : connection.id}
      connection={connection}
      workspace={workspace.slug}
      githubUrl={github.webUrl}
      ourAddresses={egressAddresses}
      isAdmin={isAdmin}
      links={links}
      pageHref={hrefWith(path, shown)}
      asked={firstValue(query.ask)}
      href={'attempt_id' in connection ? undefined : `${path}/${connection.id}`}
      actions={{
        sync: syncNow.bind(null, workspace.slug),
        disconnect: disconnect.bind(null, workspace.slug),
        dismissRequest: dismissRequest.bind(null, workspace.slug),
      }}
    />
  );

  return (
    <div className="flex flex-col gap-8">
      <LiveRefresh everySeconds={syncing || approvals.length > 0 ? REFRESH.pending : REFRESH.idle} />
      <PageHeader
        {...HEAD}
        actions={
          isAdmin && live.length > 0 ? (
            <>
              <ConnectForm workspace={workspace.slug} intent="link" size="sm">
                Link an installation
              </ConnectForm>
              <ConnectForm workspace={workspace.slug} size="sm">
                <Plus aria-hidden />
                Connect another account
              </ConnectForm>
            </>
          ) : null
        }
      />
      <MintingStopped stops={stops.filter(({ scope }) => scope !== 'api_key')} />
      {notice ? (
        <NoticeBanner
          notice={notice}
          dismissHref={firstHref}
          actions={
            isAdmin && notice.actions ? (
              <>
                {notice.ssoPath === undefined ? null : (
                  <SignOnLink href={`${github.webUrl}${notice.ssoPath}`} />
                )}
                <StartAgain workspace={workspace.slug} intents={notice.actions} />
              </>
            ) : null
          }
        />
      ) : null}
      {isAdmin && choices.installations.length > 0 ? (
        <InstallationChoice
          installations={choices.installations}
          action={connectChosen.bind(null, workspace.slug)}
          attempt={attempt ?? ''}
          workspaceName={workspace.name}
          signedInAs={user.label}
        />
      ) : null}
      {isAdmin && confirmations.length > 0 ? (
        <PendingConfirmations
          confirmations={confirmations}
          dismiss={dismissRequest.bind(null, workspace.slug)}
        />
      ) : null}
      {live.length === 0 && choices.installations.length === 0 ? (
        <ConnectPanel workspace={workspace.slug} isAdmin={isAdmin} />
      ) : null}
      {steps !== null && live.length > 0 ? (
        <StepsToClone workspace={workspace} live={live} steps={steps} />
      ) : null}
      {approvals.length + live.length > 0 ? (
        <section aria-labelledby="connections" className="grid grid-cols-1 gap-4">
          <h2 id="connections" className="sr-only">
            Connections
          </h2>
          {[...approvals, ...live].map(card)}
        </section>
      ) : null}
      {live.length > 0 && repositories.value === null ? (
        <Alert tone="warning" title="No repositories are shown now">
          {repositories.notNow}
        </Alert>
      ) : null}
      {live.length > 0 && repositories.value !== null ? (
        <RepositoryList
          repositories={repositories.value.data}
          workspacePath={`/w/${workspace.slug}`}
          query={q}
          firstHref={repositoryQuery.cursor === undefined ? null : `${firstHref}#repositories`}
          nextHref={
            repositories.value.next_cursor === null
              ? null
              : `${hrefWith(path, { ...shown, cursor: repositories.value.next_cursor })}#repositories`
          }
          clearHref={hrefWith(path, { ...shown, q: null })}
          sorting={sorting}
          newKeyPath={steps?.areKeysAllowed ? `/w/${workspace.slug}/settings/api-keys/new` : undefined}
          syncing={syncing}
          accounts={accountChoices(path, live, shown)}
        />
      ) : null}
      {changes.value !== null && changes.value.length > 0 ? <RecentChanges changes={changes.value} /> : null}
      {ended.length > 0 ? (
        <EndedConnections count={ended.length} open={live.length === 0}>
          {ended.map(card)}
        </EndedConnections>
      ) : null}
    </div>
  );
}

/** Returns links that filter the repository list by account, if there is more than one account. */
function accountChoices(
  path: string,
  live: InstallationView[],
  { installation_id, ...shown }: Record<string, string | null | undefined>,
) {
  if (live.length < 2) return [];
  return [
    { id: null, login: 'All accounts', href: hrefWith(path, shown), current: installation_id === undefined },
    ...live.map(({ id, account }) => ({
      id,
      login: account.login,
      href: hrefWith(path, { ...shown, installation_id: String(id) }),
      current: installation_id === String(id),
    })),
  ];
}
