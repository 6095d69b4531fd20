import { ExternalLink, LoaderCircle, RefreshCw } from 'lucide-react';
import type { ReactNode } from 'react';
import { Avatar } from '../ui/avatar';
import { Badge } from '../ui/badge';
import { buttonClasses } from '../ui/button';
import { Card, CardFooter } from '../ui/card';
import { SubmitButton } from '../ui/submit-button';
import { Time } from '../ui/time';
import { UntrustedText } from '../ui/untrusted-text';
import { ConnectForm } from './connect-form';
import type { ConnectedInstallation, Connection, ConnectionStatus } from './connection';
import { DisconnectDialog, type FormAction } from './disconnect-dialog';
import { SkippedRepositories } from './skipped-repositories';
import { StatusBadge, statusView } from './status-badge';
import { SyncProblem } from './sync-problem';

type ConnectionCardProps = {
  connection: Connection;
  /** Slug of the workspace, for the form that finishes an approved request. */
  workspace: string;
  /** GitHub's web address, to build the link to the installation's settings. */
  githubUrl: string;
  /** From where we reach GitHub, as an IP allow list takes it. */
  ourAddresses?: readonly string[];
  /** Whether to show the buttons: members only read. */
  isAdmin: boolean;
  actions: { sync: FormAction; disconnect: FormAction; dismissRequest: FormAction };
};

export function ConnectionCard({
  connection,
  workspace,
  githubUrl,
  ourAddresses = [],
  isAdmin,
  actions,
}: ConnectionCardProps) {
  switch (connection.status) {
    case 'waiting_for_approval':
    case 'approved': {
      const { id, account_login, requested_by, requested_at, approved_installation_id } = connection.request;
      return (
        <CardFrame
          name={account_login ?? 'An organization'}
          kind={account_login === null ? 'GitHub names it once the request is approved' : 'Organization'}
          status={connection.status}
          facts={[
            { term: 'Requested by', value: <Person name={requested_by} /> },
            { term: 'Requested', value: <Time value={requested_at} /> },
          ]}
          footer={
            isAdmin ? (
              <>
                {connection.status === 'approved' ? (
                  <ConnectForm
                    workspace={workspace}
                    intent="link"
                    installationId={approved_installation_id ?? undefined}
                    variant="primary"
                    size="sm"
                  >
                    Finish connecting
                  </ConnectForm>
                ) : null}
                <form action={actions.dismissRequest}>
                  <input type="hidden" name="attempt_id" value={id} />
                  <SubmitButton size="sm">Dismiss request</SubmitButton>
                </form>
              </>
            ) : null
          }
        />
      );
    }
    case 'active':
    case 'suspended': {
      const { installation } = connection;
      return (
        <CardFrame
          name={installation.account.login}
          kind={installation.account.type}
          status={connection.status}
          syncing={syncing(installation)}
          problem={problem(installation, ourAddresses)}
          facts={[
            { term: 'Repositories', value: selection(installation) },
            {
              term: 'Connected',
              value: (
                <>
                  {installation.connected_at ? <Time value={installation.connected_at} /> : 'Unknown'}
                  {installation.connected_by ? (
                    <>
                      {' by '}
                      <Person name={installation.connected_by} />
                    </>
                  ) : null}
                </>
              ),
            },
            connection.status === 'suspended' && installation.suspended_at
              ? { term: 'Suspended', value: <Time value={installation.suspended_at} /> }
              : { term: 'Last synced', value: lastSynced(installation) },
            {
              term: 'Last checked',
              value: installation.last_checked_at ? <Time value={installation.last_checked_at} /> : 'Never',
            },
          ]}
          footer={
            <>
              <a
                href={configureUrl(githubUrl, installation)}
                target="_blank"
                rel="noreferrer"
                className={buttonClasses({ size: 'sm' })}
              >
                Configure on GitHub
                <ExternalLink aria-hidden />
                <span className="sr-only">(opens in a new tab)</span>
              </a>
              {isAdmin ? (
                <>
                  <form action={actions.sync}>
                    <input type="hidden" name="installation_id" value={installation.id} />
                    <SubmitButton size="sm">
                      <RefreshCw aria-hidden />
                      Sync now
                    </SubmitButton>
                  </form>
                  <span className="max-sm:-ml-3 sm:ml-auto">
                    <DisconnectDialog
                      installationId={installation.id}
                      account={installation.account.login}
                      action={actions.disconnect}
                    />
                  </span>
                </>
              ) : null}
            </>
          }
        />
      );
    }
    case 'deleted': {
      const { installation } = connection;
      return (
        <CardFrame
          name={installation.account.login}
          kind={installation.account.type}
          status={connection.status}
          facts={[
            {
              term: 'Disconnected',
              value: installation.deleted_at ? <Time value={installation.deleted_at} /> : 'Unknown',
            },
            { term: 'Was connected by', value: <Person name={installation.connected_by} /> },
          ]}
        />
      );
    }
    default:
      return connection satisfies never;
  }
}

type CardFrameProps = {
  name: string;
  kind: string;
  status: ConnectionStatus;
  /** How far the sync is; `null` while none runs. */
  syncing?: string | null;
  problem?: ReactNode;
  facts: { term: string; value: ReactNode }[];
  footer?: ReactNode;
};

function CardFrame({ name, kind, status, syncing = null, problem = null, facts, footer }: CardFrameProps) {
  const { meaning } = statusView(status);
  return (
    <Card className="flex flex-col">
      <div className="flex flex-wrap items-start gap-x-3 gap-y-2 p-5 sm:flex-nowrap sm:px-6">
        <Avatar name={name} />
        <div className="min-w-0 flex-1 basis-40">
          <h3 className="font-semibold text-[15px] leading-snug tracking-tight">
            <UntrustedText>{name}</UntrustedText>
          </h3>
          <p className="text-[13px] text-muted">{kind}</p>
        </div>
        <div className="flex shrink-0 flex-wrap items-center gap-2" aria-live="polite">
          {syncing ? (
            <Badge tone="info">
              <LoaderCircle aria-hidden className="animate-spin" />
              {syncing}
            </Badge>
          ) : null}
          <StatusBadge status={status} />
        </div>
      </div>
      <dl className="grid flex-1 grid-cols-1 content-start gap-x-6 gap-y-3 px-5 pb-5 text-sm sm:grid-cols-2 sm:px-6 lg:grid-cols-4">
        {facts.map(({ term, value }) => (
          <div key={term} className="min-w-0">
            <dt className="text-[13px] text-muted">{term}</dt>
            <dd className="wrap-anywhere mt-0.5">{value}</dd>
          </div>
        ))}
      </dl>
      {meaning ? <p className="border-t px-5 py-3 text-[13px] text-muted sm:px-6">{meaning}</p> : null}
      {problem ? (
        <p className="border-t bg-warning-surface px-5 py-3 text-[13px] text-warning sm:px-6">{problem}</p>
      ) : null}
      {footer ? <CardFooter>{footer}</CardFooter> : null}
    </Card>
  );
}

function Person({ name }: { name: string | null }) {
  return name === null ? <>Unknown</> : <UntrustedText>{name}</UntrustedText>;
}

function selection({ repository_selection, repository_count }: ConnectedInstallation): string {
  const count = `${repository_count.toLocaleString('en')} ${repository_count === 1 ? 'repository' : 'repositories'}`;
  return repository_selection === 'all' ? `All, now ${count}` : `${count} selected`;
}

function problem(installation: ConnectedInstallation, ourAddresses: readonly string[]): ReactNode {
  if (installation.sync_error !== null)
    return <SyncProblem installation={installation} ourAddresses={ourAddresses} />;
  if (installation.skipped_count === 0) return null;
  return <SkippedRepositories count={installation.skipped_count} />;
}

function syncing({ sync_pending, sync_progress }: ConnectedInstallation): string | null {
  if (sync_progress === null) return sync_pending ? 'Syncing' : null;
  return `Syncing ${sync_progress.read.toLocaleString('en')} of ${sync_progress.total.toLocaleString('en')}`;
}

function lastSynced({ synced_at, sync_pending }: ConnectedInstallation): ReactNode {
  if (synced_at) return <Time value={synced_at} />;
  return sync_pending ? 'In progress' : 'Never';
}

function configureUrl(githubUrl: string, { id, account }: ConnectedInstallation): string {
  return account.type === 'Organization'
    ? `${githubUrl}/organizations/${encodeURIComponent(account.login)}/settings/installations/${id}`
    : `${githubUrl}/settings/installations/${id}`;
}
