import { ExternalLink, LoaderCircle, RefreshCw } from 'lucide-react';
import type { ReactNode } from 'react';
import type { PendingApproval } from '@/lib/connect/approvals';
import type { InstallationView } from '@/lib/installation/list';
import { type Links, PersonLink } from '../objects/links';
import { Avatar } from '../ui/avatar';
import { Badge } from '../ui/badge';
import { buttonClasses } from '../ui/button';
import { Card, CardFooter, Fact } from '../ui/card';
import { Form } from '../ui/form';
import { Link } from '../ui/link';
import { type FormAction, SubmitButton } from '../ui/submit-button';
import { Time } from '../ui/time';
import { UntrustedText } from '../ui/untrusted-text';
import { ConnectForm } from './connect-form';
import { type ConnectionStatus, StatusBadge, SyncProblem, statusView } from './connection-status';
import { DisconnectDialog } from './disconnect-dialog';

/** A connection, or a request that is waiting for an organization owner's approval. */
export type Connection = InstallationView | PendingApproval;

type CardProps<C extends Connection> = {
  connection: C;
  /** The workspace's slug, for the form that finishes an approved request. */
  workspace: string;
  /** GitHub's web URL, used in the link to the installation's settings. */
  githubUrl: string;
  /** The IP addresses that we call GitHub from. A customer with an IP allow list on GitHub must add them to it. */
  ourAddresses: readonly string[];
  /** Whether to show the buttons. Only admins can use them. */
  isAdmin: boolean;
  actions: { sync: FormAction; disconnect: FormAction; dismissRequest: FormAction };
  links: Links;
  /** The URL of the page, and what it asks for. */
  pageHref: string;
  asked: string | undefined;
  /** The path of the installation's own page; omitted on that page. */
  href?: string | undefined;
};

export function ConnectionCard({ connection, ...props }: CardProps<Connection>) {
  if ('attempt_id' in connection) return <RequestCard connection={connection} {...props} />;
  return connection.status === 'deleted' ? (
    <EndedCard connection={connection} href={props.href} links={props.links} />
  ) : (
    <InstallationCard connection={connection} {...props} />
  );
}

function RequestCard({ connection, workspace, isAdmin, actions, links }: CardProps<PendingApproval>) {
  const { attempt_id, account_login, requested_by, requested_at, approved_installation_id } = connection;
  const isApproved = approved_installation_id !== null;
  return (
    <CardFrame
      name={account_login ?? 'An organization'}
      kind={account_login === null ? 'GitHub names it once the request is approved' : 'Organization'}
      status={isApproved ? 'approved' : 'waiting_for_approval'}
      facts={{
        'Requested by': <Person email={requested_by} links={links} />,
        Requested: <Time value={requested_at} />,
      }}
      footer={
        isAdmin ? (
          <>
            {isApproved ? (
              <ConnectForm
                workspace={workspace}
                intent="link"
                installationId={approved_installation_id}
                variant="primary"
                size="sm"
              >
                Finish connecting
              </ConnectForm>
            ) : null}
            <Form action={actions.dismissRequest}>
              <input type="hidden" name="attempt_id" value={attempt_id} />
              <SubmitButton size="sm">Dismiss request</SubmitButton>
            </Form>
          </>
        ) : null
      }
    />
  );
}

function InstallationCard(props: CardProps<InstallationView>) {
  const { connection, githubUrl, ourAddresses, isAdmin, actions, href, links, pageHref, asked } = props;
  const { id, account, status, connected_at, connected_by, suspended_at, last_checked_at } = connection;
  return (
    <CardFrame
      href={href}
      name={account.login}
      kind={account.type}
      status={status}
      syncing={syncing(connection)}
      problem={
        connection.sync_error !== null || connection.skipped_count > 0 ? (
          <SyncProblem installation={connection} ourAddresses={ourAddresses} />
        ) : null
      }
      facts={{
        Repositories: selection(connection),
        Connected: (
          <>
            {connected_at ? <Time value={connected_at} /> : 'Unknown'}
            {connected_by ? (
              <>
                {' by '}
                <Person email={connected_by} links={links} />
              </>
            ) : null}
          </>
        ),
        ...(status === 'suspended' && suspended_at
          ? { Suspended: <Time value={suspended_at} /> }
          : { 'Last synced': lastSynced(connection) }),
        'Last checked': last_checked_at ? <Time value={last_checked_at} /> : 'Never',
      }}
      footer={
        <>
          <a
            href={configureUrl(githubUrl, connection)}
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
              <Form action={actions.sync}>
                <input type="hidden" name="installation_id" value={id} />
                <SubmitButton size="sm">
                  <RefreshCw aria-hidden />
                  Sync now
                </SubmitButton>
              </Form>
              <span className="max-sm:-ml-3 sm:ml-auto">
                <DisconnectDialog
                  installation={connection}
                  action={actions.disconnect}
                  pageHref={pageHref}
                  asked={asked}
                />
              </span>
            </>
          ) : null}
        </>
      }
    />
  );
}

type EndedCardProps = { connection: InstallationView; href: string | undefined; links: Links };

function EndedCard({ connection, href, links }: EndedCardProps) {
  const { account, deleted_at, connected_by } = connection;
  return (
    <CardFrame
      href={href}
      name={account.login}
      kind={account.type}
      status="deleted"
      facts={{
        Disconnected: deleted_at ? <Time value={deleted_at} /> : 'Unknown',
        'Was connected by': <Person email={connected_by} links={links} />,
      }}
    />
  );
}

type CardFrameProps = {
  href?: string | undefined;
  name: string;
  kind: string;
  status: ConnectionStatus;
  /** The sync's progress; `null` while no sync is running. */
  syncing?: string | null;
  problem?: ReactNode;
  facts: Record<string, ReactNode>;
  footer?: ReactNode;
};

function CardFrame(props: CardFrameProps) {
  const { href, name, kind, status, syncing = null, problem = null, facts, footer } = props;
  const { meaning } = statusView(status);
  return (
    <Card className="flex flex-col">
      <div className="flex flex-wrap items-start gap-x-3 gap-y-2 p-5 sm:flex-nowrap sm:px-6">
        <Avatar name={name} />
        <div className="min-w-0 flex-1 basis-40">
          <h3 className="font-semibold text-15 leading-snug tracking-tight">
            {href === undefined ? (
              <UntrustedText>{name}</UntrustedText>
            ) : (
              <Link href={href} className="underline-offset-4 hover:underline">
                <UntrustedText>{name}</UntrustedText>
              </Link>
            )}
          </h3>
          <p className="text-13 text-muted">{kind}</p>
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
        {Object.entries(facts).map(([term, value]) => (
          <Fact key={term} term={term}>
            {value}
          </Fact>
        ))}
      </dl>
      {meaning ? <p className="border-t px-5 py-3 text-13 text-muted sm:px-6">{meaning}</p> : null}
      {problem ? (
        <p className="border-t bg-warning-surface px-5 py-3 text-13 text-warning sm:px-6">{problem}</p>
      ) : null}
      {footer ? <CardFooter>{footer}</CardFooter> : null}
    </Card>
  );
}

function Person({ email, links }: { email: string | null; links: Links }) {
  return email === null ? <>Unknown</> : <PersonLink email={email} links={links} />;
}

function selection({ repository_selection, repository_count }: InstallationView): string {
  const count = repository_count.toLocaleString('en');
  return repository_selection === 'all' ? `All repositories (${count})` : `Selected repositories (${count})`;
}

function syncing({ sync_pending, sync_progress }: InstallationView): string | null {
  if (sync_progress === null) return sync_pending ? 'Syncing' : null;
  return `Syncing ${sync_progress.read.toLocaleString('en')} of ${sync_progress.total.toLocaleString('en')}`;
}

function lastSynced({ synced_at, sync_pending }: InstallationView): ReactNode {
  if (synced_at) return <Time value={synced_at} />;
  return sync_pending ? 'In progress' : 'Never';
}

/** Returns the address of an installation's settings on GitHub. */
export function configureUrl(githubUrl: string, { id, account }: InstallationView): string {
  return account.type === 'Organization'
    ? `${githubUrl}/organizations/${encodeURIComponent(account.login)}/settings/installations/${id}`
    : `${githubUrl}/settings/installations/${id}`;
}
