import { Plus } from 'lucide-react';
import type { Metadata } from 'next';
import { orFirstPage } from '@/app/or-first-page';
import { firstValue, hrefWith, type SearchParams } from '@/app/search-params';
import { ConnectForm } from '@/components/github/connect-form';
import { ConnectPanel } from '@/components/github/connect-panel';
import type { ConnectedInstallation, Connection } from '@/components/github/connection';
import { ConnectionCard } from '@/components/github/connection-card';
import { InstallationChoice } from '@/components/github/installation-choice';
import { OutcomeBanner } from '@/components/github/outcome-banner';
import { RepositoryList } from '@/components/github/repository-list';
import { PageHeader } from '@/components/shell/page-header';
import { LiveRefresh } from '@/components/ui/live-refresh';
import { hasRole } from '@/lib/auth/roles';
import { getConfig } from '@/lib/config';
import { listInstallations, listRepositories } from '@/lib/connection/list';
import { memberOf } from '../../member-of';
import { connectChosen, disconnect, syncNow } from './actions';
import { choosableInstallations } from './choices';
import { shownOutcome } from './outcome';
import { repositoriesQuery } from './repositories-query';

export const metadata: Metadata = { title: 'GitHub' };

/** Seconds between two looks at the database, while something is under way and otherwise. */
const REFRESH = { pending: 3, idle: 5 };

type GitHubSettingsProps = { params: Promise<{ workspace: string }>; searchParams: SearchParams };

export default async function GitHubSettingsPage({ params, searchParams }: GitHubSettingsProps) {
  const { user, workspace } = await memberOf((await params).workspace, '/settings/github');
  const query = await searchParams;
  const repositoryQuery = repositoriesQuery(query);
  const path = `/w/${workspace.slug}/settings/github`;
  const q = repositoryQuery.q ?? '';
  const everything = { workspaceId: workspace.id, repositoryIds: null };
  const attempt = firstValue(query.attempt);
  const [installations, repositories, choices] = await Promise.all([
    listInstallations(workspace.id),
    orFirstPage(listRepositories(everything, repositoryQuery), hrefWith(path, { q })),
    choosableInstallations(attempt, workspace.id, user.id),
  ]);

  const canManage = hasRole(workspace.role, 'admin');
  const connections = installations.map(toConnection);
  const live = installations.filter(({ status }) => status !== 'deleted');
  const syncing = live.some(({ sync_pending, synced_at }) => sync_pending || synced_at === null);
  const outcome = shownOutcome(query);

  return (
    <div className="flex flex-col gap-8">
      <LiveRefresh everySeconds={syncing || outcome?.awaits ? REFRESH.pending : REFRESH.idle} />
      <PageHeader
        title="GitHub"
        description="Which repositories PulseStream may read, and through which accounts."
        actions={
          canManage && live.length > 0 ? (
            <>
              <ConnectForm workspace={workspace.slug} intent="link" variant="ghost" size="sm">
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
      {outcome ? <OutcomeBanner outcome={outcome} dismissHref={hrefWith(path, { q })} /> : null}
      {canManage && choices.length > 0 ? (
        <InstallationChoice
          installations={choices}
          action={connectChosen.bind(null, workspace.slug, attempt ?? '')}
        />
      ) : null}
      {live.length === 0 && choices.length === 0 ? (
        <ConnectPanel workspace={workspace.slug} canManage={canManage} />
      ) : null}
      {connections.length > 0 ? (
        <section aria-labelledby="connections" className="grid grid-cols-1 gap-4">
          <h2 id="connections" className="sr-only">
            Connections
          </h2>
          {connections.map((connection, index) => (
            <ConnectionCard
              key={
                connection.status === 'waiting_for_approval' ? `request-${index}` : connection.installation.id
              }
              connection={connection}
              githubUrl={getConfig().github.webUrl}
              canManage={canManage}
              actions={{
                sync: syncNow.bind(null, workspace.slug),
                disconnect: disconnect.bind(null, workspace.slug),
              }}
            />
          ))}
        </section>
      ) : null}
      {live.length > 0 ? (
        <RepositoryList
          repositories={repositories.data}
          query={q}
          firstHref={repositoryQuery.cursor === undefined ? null : hrefWith(path, { q })}
          nextHref={
            repositories.next_cursor === null ? null : hrefWith(path, { q, cursor: repositories.next_cursor })
          }
          clearHref={path}
          syncing={syncing}
        />
      ) : null}
    </div>
  );
}

function toConnection(installation: ConnectedInstallation): Connection {
  return { status: installation.status, installation };
}
